import { CHUNK, type Range } from '../../src/study/chunks.ts'
import type { TraceSource } from '../../src/study/trace-source.ts'

/** Some of the traces of a source: from `start` on `count`, or as many as there are. */
export const partOf = (source: TraceSource, start: number, wanted: number): TraceSource => {
  const indices = source.indices.slice(start, start + wanted)
  const count = indices.length
  const read = ({ start: from, count: some }: Range): Promise<Float32Array> =>
    source.read({ start: start + from, count: some })
  const blocks: TraceSource['blocks'] = async function* () {
    for (let at = 0; at < count; at += CHUNK) {
      const range = { start: at, count: Math.min(CHUNK, count - at) }
      yield { grid: source.grid, count: range.count, values: await read(range) }
    }
  }
  return { grid: source.grid, count, indices, blocks, read }
}
