import { InvalidInput } from '../numeric/errors.ts'
import { randomStream } from '../numeric/random.ts'
import { blocksOf } from './cells.ts'
import type { CellType, Mesh } from './mesh.ts'
import { cellsInBox } from './zone.ts'

export interface Rectangle {
  readonly type: CellType
  /** Lengths along x and y, m. */
  readonly size: readonly [number, number]
  /** Divisions along x and y. A T3 mesh halves each, by diagonals that alternate. */
  readonly cells: readonly [number, number]
  /** Lower left corner, m. Default (0, 0). */
  readonly origin?: readonly [number, number]
  /** [x0, y0, x1, y1] m: cells whose centroid lies inside form the cell group 'zone'. */
  readonly zone?: readonly [number, number, number, number]
  /** Moves inner nodes at random by up to this share of a division (below .25 no cell folds). Default 0. */
  readonly distortion?: number
}

/**
 * A structured mesh of a rectangle. Nodes run along x first. Cell groups: 'domain' (all) and 'zone' if asked for; facet
 * groups 'left', 'right', 'bottom', 'top', counter-clockwise around the rectangle (outward normal (t_y, −t_x)).
 * @throws InvalidInput for sizes or divisions that are not positive, a distortion outside [0, .25), a zone without cells
 * @verifiedBy test/mesh/structured.test.ts
 */
export const rectangle = (shape: Rectangle): Mesh => {
  checkRectangle(shape)
  const quads = quadsOf(shape.cells)
  const blocks = shape.type === 'Q4' ? blocksOf([], quads) : blocksOf(halved(quads, shape.cells[0]), [])
  const points = pointsOf(shape)
  const count = (quads.length / 4) * (shape.type === 'Q4' ? 1 : 2)
  const cellGroups = new Map<string, Int32Array>([['domain', Int32Array.from({ length: count }, (_, i) => i)]])
  const mesh = { points, blocks, cellGroups, facetGroups: sidesOf(shape.cells) }
  if (shape.zone !== undefined) {
    const cells = cellsInBox(mesh, shape.zone)
    if (cells.length === 0) throw InvalidInput.of('zone', 'a box that holds the centroid of a cell', shape.zone)
    cellGroups.set('zone', cells)
  }
  return mesh
}

const checkRectangle = ({ size, cells, distortion = 0 }: Rectangle): void => {
  const problems = [
    ...size.map((s, i) => ({
      ok: s > 0 && Number.isFinite(s),
      path: `size[${i}]`,
      expected: 'a length > 0 m',
      value: s,
    })),
    ...cells.map((n, i) => ({
      ok: Number.isInteger(n) && n > 0,
      path: `cells[${i}]`,
      expected: 'an integer > 0',
      value: n,
    })),
    {
      ok: distortion >= 0 && distortion < 0.25,
      path: 'distortion',
      expected: 'a share in [0, 0.25)',
      value: distortion,
    },
  ].filter(({ ok }) => !ok)
  if (problems.length === 0) return
  throw new InvalidInput(problems.map(({ path, expected, value }) => ({ path, expected, received: String(value) })))
}

const pointsOf = ({ size, cells: [nx, ny], origin = [0, 0], distortion = 0 }: Rectangle): Float64Array => {
  const points = new Float64Array(2 * (nx + 1) * (ny + 1))
  const shift = new Float64Array(2)
  const stream = randomStream(0, 'mesh distortion')
  for (let j = 0, node = 0; j <= ny; j++) {
    for (let i = 0; i <= nx; i++, node++) {
      const inner = i > 0 && i < nx && j > 0 && j < ny
      if (inner && distortion > 0) stream.uniformsInto(shift, node)
      else shift.fill(0.5)
      points[2 * node] = origin[0] + (size[0] * (i + distortion * (2 * shift[0] - 1))) / nx
      points[2 * node + 1] = origin[1] + (size[1] * (j + distortion * (2 * shift[1] - 1))) / ny
    }
  }
  return points
}

const quadsOf = ([nx, ny]: readonly [number, number]): number[] => {
  const quads: number[] = []
  for (let j = 0; j < ny; j++) {
    for (let i = 0; i < nx; i++) {
      const a = j * (nx + 1) + i
      quads.push(a, a + 1, a + nx + 2, a + nx + 1)
    }
  }
  return quads
}

const halved = (quads: readonly number[], nx: number): number[] => {
  const triangles: number[] = []
  for (let q = 0; 4 * q < quads.length; q++) {
    const [a, b, c, d] = quads.slice(4 * q, 4 * q + 4)
    const even = ((q % nx) + Math.floor(q / nx)) % 2 === 0
    triangles.push(...(even ? [a, b, c, a, c, d] : [a, b, d, b, c, d]))
  }
  return triangles
}

const sidesOf = ([nx, ny]: readonly [number, number]): Map<string, Int32Array> => {
  const node = (i: number, j: number): number => j * (nx + 1) + i
  const pairs = (n: number, at: (k: number) => number): Int32Array =>
    Int32Array.from({ length: 2 * n }, (_, k) => at((k >> 1) + (k & 1)))
  return new Map([
    ['left', pairs(ny, (k) => node(0, ny - k))],
    ['right', pairs(ny, (k) => node(nx, k))],
    ['bottom', pairs(nx, (k) => node(k, 0))],
    ['top', pairs(nx, (k) => node(nx - k, ny))],
  ])
}
