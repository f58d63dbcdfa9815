import type { FieldMoments } from '../generative/distances.ts'
import type { TraceBatch } from '../trace/trace.ts'

/**
 * Mean and standard deviation (divided by N) of whole traces, at every frame, point and component, in one pass.
 * @param blocks of traces of one grid; one block or more
 * @returns [D] each, m
 * @source Welford, Technometrics 4 (1962)
 * @verifiedBy test/study/trace-moments.test.ts
 */
export const traceMoments = async (blocks: AsyncIterable<TraceBatch>): Promise<FieldMoments> => {
  let mean = new Float64Array()
  let squares = new Float64Array()
  let seen = 0
  for await (const { count, values } of blocks) {
    const size = values.length / count
    if (seen === 0) [mean, squares] = [new Float64Array(size), new Float64Array(size)]
    for (let n = 0, at = 0; n < count; n++) {
      seen++
      for (let d = 0; d < size; d++, at++) {
        const from = values[at] - mean[d]
        mean[d] += from / seen
        squares[d] += from * (values[at] - mean[d])
      }
    }
  }
  return { mean, deviation: squares.map((s) => Math.sqrt(s / seen)) }
}
