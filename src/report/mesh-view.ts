import { InvalidInput } from '../numeric/errors.ts'
import type { Box } from './axes.ts'
import { type RampName, rampColour } from './colour.ts'
import { coordinate, path } from './svg.ts'

/** A plane mesh placed in a box: equal scale on both axes, y upwards. */
export interface MeshView {
  readonly points: ArrayLike<number>
  readonly cells: readonly ArrayLike<number>[]
  readonly x: (v: number) => number
  readonly y: (v: number) => number
  /** Pixels per metre. */
  readonly scale: number
  readonly low: readonly [number, number]
  readonly high: readonly [number, number]
}

interface Bounds {
  readonly low: readonly [number, number]
  readonly high: readonly [number, number]
}

/** @throws InvalidInput when a coordinate is not finite: there is no sensible picture of such a mesh */
const boundsOf = (points: ArrayLike<number>): Bounds => {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity]
  for (let i = 0; i < points.length; i += 2) {
    if (!Number.isFinite(points[i]) || !Number.isFinite(points[i + 1]))
      throw InvalidInput.of(`geometry.points[${i}]`, 'finite coordinates', `${points[i]}, ${points[i + 1]}`)
    x0 = Math.min(x0, points[i])
    x1 = Math.max(x1, points[i])
    y0 = Math.min(y0, points[i + 1])
    y1 = Math.max(y1, points[i + 1])
  }
  if (!(x1 > x0 && y1 > y0))
    throw InvalidInput.of('geometry.points', 'a mesh with an area', `${points.length / 2} points`)
  return { low: [x0, y0], high: [x1, y1] }
}

/** The height of a mesh drawn `width` wide. */
export const heightAt = (points: ArrayLike<number>, width: number): number => {
  const { low, high } = boundsOf(points)
  return (width * (high[1] - low[1])) / (high[0] - low[0])
}

export const meshView = (points: ArrayLike<number>, cells: readonly ArrayLike<number>[], box: Box): MeshView => {
  const { low, high } = boundsOf(points)
  const scale = Math.min(box.width / (high[0] - low[0]), box.height / (high[1] - low[1]))
  const left = box.x + (box.width - scale * (high[0] - low[0])) / 2
  const bottom = box.y + (box.height + scale * (high[1] - low[1])) / 2
  const x = (v: number): number => left + scale * (v - low[0])
  const y = (v: number): number => bottom - scale * (v - low[1])
  return { points, cells, x, y, scale, low, high }
}

const moveTo = (view: MeshView, node: number): string =>
  `M${coordinate(view.x(view.points[2 * node]))} ${coordinate(view.y(view.points[2 * node + 1]))}`
const lineTo = (view: MeshView, node: number): string =>
  `L${coordinate(view.x(view.points[2 * node]))} ${coordinate(view.y(view.points[2 * node + 1]))}`

export const cellPath = (view: MeshView, cell: ArrayLike<number>): string => {
  let d = moveTo(view, cell[0])
  for (let i = 1; i < cell.length; i++) d += lineTo(view, cell[i])
  return `${d}Z`
}

export const pairsPath = (view: MeshView, pairs: ArrayLike<number>): string => {
  let d = ''
  for (let i = 0; i + 1 < pairs.length; i += 2) d += moveTo(view, pairs[i]) + lineTo(view, pairs[i + 1])
  return d
}

/** Every edge of the given cells: node pairs with the number of these cells that share it. */
const edgeCounts = (view: MeshView, cells: Iterable<number>): Map<number, number> => {
  const nodes = view.points.length / 2
  const counts = new Map<number, number>()
  for (const c of cells) {
    const cell = view.cells[c]
    for (let i = 0; i < cell.length; i++) {
      const a = cell[i]
      const b = cell[(i + 1) % cell.length]
      const key = Math.min(a, b) * nodes + Math.max(a, b)
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
  }
  return counts
}

const pairsOf = (view: MeshView, keys: Iterable<number>): number[] => {
  const nodes = view.points.length / 2
  return [...keys].flatMap((key) => [Math.floor(key / nodes), key % nodes])
}

const allCells = (view: MeshView): Iterable<number> => view.cells.keys()

/** Each edge once, as node pairs. */
export const allEdges = (view: MeshView): number[] => pairsOf(view, edgeCounts(view, allCells(view)).keys())

/** Edges that belong to exactly one of the given cells: the outline of a region (default: of the whole mesh). */
export const outline = (view: MeshView, cells: Iterable<number> = allCells(view)): number[] => {
  const counts = edgeCounts(view, cells)
  return pairsOf(
    view,
    [...counts].filter(([, count]) => count === 1).map(([key]) => key),
  )
}

const BINS = 32
const NO_VALUE = '#e9ecef'

/** Cells filled by value, one path per colour; a non-finite value leaves its cell grey. */
export const filledCells = (
  view: MeshView,
  values: ArrayLike<number>,
  [low, high]: readonly [number, number],
  ramp: RampName,
): string => {
  const paths = new Array<string>(BINS).fill('')
  let missing = ''
  view.cells.forEach((cell, c) => {
    const t = high > low ? (values[c] - low) / (high - low) : 0
    if (!Number.isFinite(t)) missing += cellPath(view, cell)
    else paths[Math.min(BINS - 1, Math.max(0, Math.floor(t * BINS)))] += cellPath(view, cell)
  })
  const fill = (d: string, colour: string): string =>
    path(d, { fill: colour, stroke: colour, 'stroke-width': 0.5, 'stroke-linejoin': 'round' })
  return fill(missing, NO_VALUE) + paths.map((d, b) => fill(d, rampColour(ramp, (b + 0.5) / BINS))).join('')
}

/** The mean of a nodal field over each cell. */
export const cellMeans = (view: MeshView, nodal: ArrayLike<number>): Float64Array =>
  Float64Array.from(view.cells, (cell) => {
    let sum = 0
    for (let i = 0; i < cell.length; i++) sum += nodal[cell[i]]
    return sum / cell.length
  })
