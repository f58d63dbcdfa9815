import type { Problem } from '../numeric/errors.ts'
import { type TraceGrid, traceSize } from './trace.ts'

const AXES = ['x', 'y'] as const

/** Where in a trace an entry stands, in words: frame, point, component. */
const placeOf = ({ points, components, frameStep }: TraceGrid, entry: number): string => {
  const width = (points.length / 2) * components
  const frame = Math.floor(entry / width)
  const point = Math.floor((entry % width) / components)
  const component = components === 2 ? `, ${AXES[entry % components]}` : ''
  const [x, y] = [points[2 * point], points[2 * point + 1]]
  return `frame ${frame} (${(frame * frameStep).toPrecision(4)} s), point ${point} at (${x}, ${y}) m${component}`
}

/**
 * The first value of a trace that is not finite, as a problem that names run, frame and point; none in a sound trace.
 * @param values [≥ D] from `offset` on
 */
export const finiteProblem = (
  path: string,
  grid: TraceGrid,
  values: Float32Array | Float64Array,
  offset: number,
): Problem | null => {
  const size = traceSize(grid)
  for (let d = 0; d < size; d++) {
    const value = values[offset + d]
    if (!Number.isFinite(value)) return { path, expected: 'finite values', received: `${value} in ${placeOf(grid, d)}` }
  }
  return null
}
