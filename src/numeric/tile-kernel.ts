import {
  advance,
  countDown,
  END,
  get,
  I32,
  LOOP,
  set,
  V128,
  v128Load,
  v128Store,
  vector,
  type WasmFunction,
  wasmKernel,
} from './wasm.ts'

/**
 * The inner 4 × 4 tile of a dense product, Σ_k a[k,i]·b[k,j], on packed panels. WebAssembly has 128-bit vectors, plain
 * JavaScript has none; multiplication and addition stay separate operations in both, so that their results are equal to
 * the last bit and independent of the machine.
 */
export const TILE = 4

/** Panels live in one buffer; offsets are in doubles: a [depth·4], b [depth·4], c [16] row-major, overwritten. */
export interface TileKernel {
  readonly buffer: Float64Array
  tile(depth: number, a: number, b: number, c: number): void
}

/** The reference in plain TypeScript: two half tiles, because sixteen running sums do not fit the registers. */
export const plainTileKernel = (doubles: number): TileKernel => {
  const m = new Float64Array(doubles)
  const half = (depth: number, a: number, b: number, c: number): void => {
    let s00 = 0
    let s01 = 0
    let s02 = 0
    let s03 = 0
    let s10 = 0
    let s11 = 0
    let s12 = 0
    let s13 = 0
    for (let k = 0; k < depth; k++, a += TILE, b += TILE) {
      const a0 = m[a]
      const a1 = m[a + 1]
      const b0 = m[b]
      const b1 = m[b + 1]
      const b2 = m[b + 2]
      const b3 = m[b + 3]
      s00 += a0 * b0
      s01 += a0 * b1
      s02 += a0 * b2
      s03 += a0 * b3
      s10 += a1 * b0
      s11 += a1 * b1
      s12 += a1 * b2
      s13 += a1 * b3
    }
    m[c] = s00
    m[c + 1] = s01
    m[c + 2] = s02
    m[c + 3] = s03
    m[c + 4] = s10
    m[c + 5] = s11
    m[c + 6] = s12
    m[c + 7] = s13
  }
  const tile = (depth: number, a: number, b: number, c: number): void => {
    half(depth, a, b, c)
    half(depth, a + 2, b, c + 8)
  }
  return { buffer: m, tile }
}

const V128_LOAD_SPLAT = [...vector(0x0a), 3]
const F64X2_ADD = vector(0xf0)
const F64X2_MUL = vector(0xf2)

const DEPTH = 0
const A = 1
const B = 2
const C = 3
/** Locals 4, 5: the row of b; 6: one splatted a; 7 … 14: the running sums, two vectors per row of the tile. */
const B_LOW = 4
const A_SPLAT = 6
const SUM = 7

const accumulate = (row: number): number[] => [
  ...get(A),
  ...V128_LOAD_SPLAT,
  8 * row,
  ...set(A_SPLAT),
  ...[0, 1].flatMap((half) => {
    const sum = SUM + 2 * row + half
    return [...get(sum), ...get(A_SPLAT), ...get(B_LOW + half), ...F64X2_MUL, ...F64X2_ADD, ...set(sum)]
  }),
]

const ROWS = [0, 1, 2, 3]

/** tile(depth, a, b, c): the loop runs at least once; pointers are in bytes. */
const TILE_FUNCTION: WasmFunction = {
  parameters: [I32, I32, I32, I32],
  locals: new Array(11).fill(V128),
  body: [
    ...LOOP,
    ...[0, 1].flatMap((half) => [...get(B), ...v128Load(16 * half), ...set(B_LOW + half)]),
    ...ROWS.flatMap(accumulate),
    ...advance(A, 8 * TILE),
    ...advance(B, 8 * TILE),
    ...countDown(DEPTH),
    END,
    ...ROWS.flatMap((row) =>
      [0, 1].flatMap((half) => [...get(C), ...get(SUM + 2 * row + half), ...v128Store(32 * row + 16 * half)]),
    ),
  ],
}

/**
 * The same tile in 128-bit vectors, ~6 times as fast.
 * @verifiedBy test/trace/blocked-product.test.ts (bit for bit against {@link plainTileKernel})
 */
export const wasmTileKernel = (doubles: number): TileKernel => {
  const { buffer, call } = wasmKernel(TILE_FUNCTION, 8 * doubles)
  const tile = (depth: number, a: number, b: number, c: number): void => call(depth, 8 * a, 8 * b, 8 * c)
  return { buffer: new Float64Array(buffer), tile }
}
