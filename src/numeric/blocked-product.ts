import { TILE, type TileKernel, wasmTileKernel } from './tile-kernel.ts'

/** A dense matrix inside an array: entry (i, j) is values[offset + i·rowStride + j·columnStride]. */
export interface Strided<A = Float64Array | Float32Array> {
  readonly values: A
  readonly offset: number
  readonly rowStride: number
  readonly columnStride: number
}

export const rowMajor = <A extends Float64Array | Float32Array>(
  values: A,
  columns: number,
  offset = 0,
): Strided<A> => ({
  values,
  offset,
  rowStride: columns,
  columnStride: 1,
})

export const transposed = <A>(m: Strided<A>): Strided<A> => ({
  ...m,
  rowStride: m.columnStride,
  columnStride: m.rowStride,
})

/** Rows, depth and columns of one packed block: 256 KB of left panel, 512 KB of right panel stay in the second-level cache. */
const ROWS = 128
export const DEPTH = 256
const COLUMNS = 256
const LEFT = 0
const RIGHT = LEFT + ROWS * DEPTH
const RESULT = RIGHT + COLUMNS * DEPTH
export const PRODUCT_BUFFER = RESULT + TILE * TILE

/** Panels of four lanes: out[at + (lane/4)·depth·4 + k·4 + lane%4]; lanes beyond `count` are zero. */
export const packInto = (
  out: Float64Array,
  at: number,
  from: Strided,
  lane0: number,
  count: number,
  k0: number,
  depth: number,
): void => {
  const { values, offset, rowStride, columnStride } = from
  for (let panel = 0; panel < count; panel += TILE, at += TILE * depth) {
    for (let lane = 0; lane < TILE; lane++) {
      const inside = panel + lane < count
      let source = offset + (lane0 + panel + lane) * rowStride + k0 * columnStride
      for (let k = 0; k < depth; k++, source += columnStride) out[at + TILE * k + lane] = inside ? values[source] : 0
    }
  }
}

const addTileInto = (out: Strided, tile: Float64Array, i0: number, rows: number, j0: number, columns: number): void => {
  for (let i = 0; i < rows; i++) {
    let to = out.offset + (i0 + i) * out.rowStride + j0 * out.columnStride
    for (let j = 0; j < columns; j++, to += out.columnStride) out.values[to] += tile[RESULT + TILE * i + j]
  }
}

/** out += A·B: rows × depth times depth × columns. */
export type AddProductInto = (
  out: Strided,
  a: Strided,
  b: Strided,
  rows: number,
  depth: number,
  columns: number,
) => void

/**
 * Blocked dense product in double precision over any strides. Every entry is summed in the same order whatever the
 * number of rows and columns, so that a row's bits do not depend on the batch that it is in.
 */
export const blockedProduct = (kernel: TileKernel = wasmTileKernel(PRODUCT_BUFFER)): AddProductInto => {
  const m = kernel.buffer
  return (out, a, b, rows, depth, columns) => {
    const bLanes = transposed(b)
    for (let k0 = 0; k0 < depth; k0 += DEPTH) {
      const kc = Math.min(DEPTH, depth - k0)
      for (let j0 = 0; j0 < columns; j0 += COLUMNS) {
        const nc = Math.min(COLUMNS, columns - j0)
        packInto(m, RIGHT, bLanes, j0, nc, k0, kc)
        for (let i0 = 0; i0 < rows; i0 += ROWS) {
          const mc = Math.min(ROWS, rows - i0)
          packInto(m, LEFT, a, i0, mc, k0, kc)
          for (let j = 0; j < nc; j += TILE) {
            for (let i = 0; i < mc; i += TILE) {
              kernel.tile(kc, LEFT + i * kc, RIGHT + j * kc, RESULT)
              addTileInto(out, m, i0 + i, Math.min(TILE, mc - i), j0 + j, Math.min(TILE, nc - j))
            }
          }
        }
      }
    }
  }
}

let shared: AddProductInto | undefined
/** out += A·B with the process's own kernel. */
export const addProductInto: AddProductInto = (out, a, b, rows, depth, columns) => {
  shared ??= blockedProduct()
  shared(out, a, b, rows, depth, columns)
}
