import { describe, expect, it } from 'vitest'
import { blockedProduct, PRODUCT_BUFFER, rowMajor, transposed } from '../../src/numeric/blocked-product.ts'
import { randomStream } from '../../src/numeric/random.ts'
import { plainTileKernel, wasmTileKernel } from '../../src/numeric/tile-kernel.ts'

const normals = (n: number, index: number): Float64Array => {
  const out = new Float64Array(n)
  randomStream(3, 'test/product').normalsInto(out, index)
  return out
}
const wasm = blockedProduct(wasmTileKernel(PRODUCT_BUFFER))
const plain = blockedProduct(plainTileKernel(PRODUCT_BUFFER))

/** Sizes that are no multiple of the tile and pass every block boundary. */
const [ROWS, DEPTH, COLUMNS] = [131, 259, 261]

describe('blocked product', () => {
  const a = normals(ROWS * DEPTH, 0)
  const b = normals(DEPTH * COLUMNS, 1)
  const run = (product: typeof wasm): Float64Array => {
    const out = new Float64Array(ROWS * COLUMNS)
    product(rowMajor(out, COLUMNS), rowMajor(a, DEPTH), rowMajor(b, COLUMNS), ROWS, DEPTH, COLUMNS)
    return out
  }

  it('equals the triple loop to round-off', () => {
    const out = run(wasm)
    let worst = 0
    for (let i = 0; i < ROWS; i++) {
      for (let j = 0; j < COLUMNS; j++) {
        let sum = 0
        for (let k = 0; k < DEPTH; k++) sum += a[i * DEPTH + k] * b[k * COLUMNS + j]
        worst = Math.max(worst, Math.abs(sum - out[i * COLUMNS + j]))
      }
    }
    expect(worst).toBeLessThan(1e-12)
  })

  it('has the bits of the plain kernel in WebAssembly', () => expect(run(wasm)).toEqual(run(plain)))

  it('gives a row the same bits alone and in a batch', () => {
    const one = new Float64Array(COLUMNS)
    wasm(rowMajor(one, COLUMNS), rowMajor(a, DEPTH, 77 * DEPTH), rowMajor(b, COLUMNS), 1, DEPTH, COLUMNS)
    expect(one).toEqual(run(wasm).subarray(77 * COLUMNS, 78 * COLUMNS))
  })

  it('takes transposed and 32-bit operands, adds to what is there', () => {
    const a32 = Float32Array.from(a)
    const out = new Float64Array(ROWS * ROWS).fill(1)
    wasm(rowMajor(out, ROWS), rowMajor(a32, DEPTH), transposed(rowMajor(a32, DEPTH)), ROWS, DEPTH, ROWS)
    let sum = 1
    for (let k = 0; k < DEPTH; k++) sum += a32[5 * DEPTH + k] * a32[9 * DEPTH + k]
    expect(out[5 * ROWS + 9]).toBeCloseTo(sum, 12)
    expect(out[9 * ROWS + 5]).toBeCloseTo(sum, 12)
  })
})
