import { philoxInto, streamKey } from './random.ts'
import {
  advance,
  countDown,
  END,
  get,
  I32,
  i32,
  LOOP,
  set,
  V128,
  v128Store,
  vector,
  type WasmFunction,
  wasmKernel,
} from './wasm.ts'

/**
 * Standard normals in single precision, for what needs thousands of them per millisecond: Philox and Box-Muller in 128-bit
 * vectors, four counters at a time. The formula is written once, over an arithmetic that either computes or writes
 * WebAssembly, so that both give the same bits.
 */

/** 32-bit words, read as integers or as single-precision numbers. */
interface Arithmetic<T> {
  float(value: number): T
  integer(value: number): T
  add(a: T, b: T): T
  sub(a: T, b: T): T
  mul(a: T, b: T): T
  div(a: T, b: T): T
  sqrt(a: T): T
  /** The number nearest to a signed integer. */
  convert(a: T): T
  plus(a: T, b: T): T
  shiftLeft(a: T, bits: number): T
  shiftRight(a: T, bits: number): T
  /** With copies of the sign. */
  shiftSigned(a: T, bits: number): T
  and(a: T, b: T): T
  xor(a: T, b: T): T
  /** a where the mask has ones, else b. */
  select(mask: T, a: T, b: T): T
  /** A value that is used more than once. */
  keep(a: T): T
}

const polynomial = <T>(o: Arithmetic<T>, x: T, coefficients: readonly number[]): T =>
  coefficients.slice(1).reduce((sum, c) => o.add(o.mul(sum, x), o.float(c)), o.float(coefficients[0]))

const ROOT_HALF_BITS = 0x3f3504f3
const ONE_BITS = 0x3f800000

/**
 * ln u = k ln 2 + ln(1 + f), √½ ≤ 1 + f < √2.
 * @source FreeBSD msun, e_logf.c (Sun Microsystems)
 */
const logarithm = <T>(o: Arithmetic<T>, u: T): T => {
  const shifted = o.keep(o.plus(u, o.integer(ONE_BITS - ROOT_HALF_BITS)))
  const k = o.keep(o.convert(o.plus(o.shiftSigned(shifted, 23), o.integer(-127))))
  const mantissa = o.plus(o.and(shifted, o.integer(0x007fffff)), o.integer(ROOT_HALF_BITS))
  const f = o.keep(o.sub(mantissa, o.float(1)))
  const s = o.keep(o.div(f, o.add(o.float(2), f)))
  const z = o.keep(o.mul(s, s))
  const w = o.keep(o.mul(z, z))
  const even = o.mul(w, polynomial(o, w, [0.24279078841, 0.40000972152]))
  const odd = o.mul(z, polynomial(o, w, [0.28498786688, 0.66666662693]))
  const half = o.keep(o.mul(o.float(0.5), o.mul(f, f)))
  const low = o.add(o.mul(s, o.add(half, o.add(odd, even))), o.mul(k, o.float(9.0580006145e-6)))
  return o.add(o.add(o.sub(low, half), f), o.mul(k, o.float(0.69313812256)))
}

/**
 * sin and cos of an angle within ±π/4.
 * @source Moshier, Cephes Mathematical Library, sinf.c
 */
const sineCosine = <T>(o: Arithmetic<T>, angle: T): readonly [sine: T, cosine: T] => {
  const z = o.keep(o.mul(angle, angle))
  const sine = o.add(
    o.mul(o.mul(polynomial(o, z, [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1]), z), angle),
    angle,
  )
  const high = o.mul(polynomial(o, z, [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2]), o.mul(z, z))
  return [sine, o.add(o.sub(high, o.mul(o.float(0.5), z)), o.float(1))]
}

/**
 * Two normals from two random words: radius √(−2 ln u) with 31 bits; of the angle, 30 bits within a quarter of the circle
 * and two that choose the quarter.
 * @source Box, Muller, Ann. Math. Statist. 29 (1958)
 */
const boxMuller = <T>(o: Arithmetic<T>, first: T, second: T): readonly [T, T] => {
  const u = o.mul(o.add(o.convert(o.shiftRight(first, 1)), o.float(0.5)), o.float(2 ** -31))
  const radius = o.keep(o.sqrt(o.mul(o.float(-2), logarithm(o, o.keep(u)))))
  const angle = o.keep(o.mul(o.convert(o.shiftLeft(second, 2)), o.float((Math.PI / 4) * 2 ** -31)))
  const [sine, cosine] = sineCosine(o, angle)
  const sign = o.and(o.shiftLeft(second, 1), o.integer(1 << 31))
  const [x, y] = [o.keep(o.mul(radius, sine)), o.keep(o.xor(o.mul(radius, cosine), sign))]
  const swap = o.keep(o.shiftSigned(second, 31))
  return [o.select(swap, x, y), o.select(swap, y, x)]
}

const word = new DataView(new ArrayBuffer(4))
const bitsOf = (x: number): number => {
  word.setFloat32(0, x)
  return word.getInt32(0)
}
const numberOf = (bits: number): number => {
  word.setInt32(0, bits)
  return word.getFloat32(0)
}
const onNumbers = (f: (a: number, b: number) => number) => (a: number, b: number) => bitsOf(f(numberOf(a), numberOf(b)))

/** Computes with the bits of words. */
const COMPUTE: Arithmetic<number> = {
  float: bitsOf,
  integer: (value) => value | 0,
  add: onNumbers((a, b) => a + b),
  sub: onNumbers((a, b) => a - b),
  mul: onNumbers((a, b) => a * b),
  div: onNumbers((a, b) => a / b),
  sqrt: (a) => bitsOf(Math.sqrt(numberOf(a))),
  convert: (a) => bitsOf(a),
  plus: (a, b) => (a + b) | 0,
  shiftLeft: (a, bits) => a << bits,
  shiftRight: (a, bits) => (a >>> bits) | 0,
  shiftSigned: (a, bits) => a >> bits,
  and: (a, b) => a & b,
  xor: (a, b) => a ^ b,
  select: (mask, a, b) => (a & mask) | (b & ~mask),
  keep: (a) => a,
}

type Code = readonly number[]
const binary =
  (code: number) =>
  (a: Code, b: Code): Code => [...a, ...b, ...vector(code)]
const unary =
  (code: number) =>
  (a: Code): Code => [...a, ...vector(code)]
const shift =
  (code: number) =>
  (a: Code, bits: number): Code => [...a, ...i32(bits), ...vector(code)]
/** The same 32 bits in every lane. */
const constant = (bits: number): Code => {
  const lane = [0, 8, 16, 24].map((at) => (bits >>> at) & 255)
  return [...vector(12), ...lane, ...lane, ...lane, ...lane]
}

interface Writer extends Arithmetic<Code> {
  readonly body: number[]
  /** How many locals were used. */
  locals(): number
  local(): number
}

/** Writes vector instructions. What is kept is computed at once, into a local; the rest where it is used. */
const writer = (firstLocal: number): Writer => {
  const body: number[] = []
  let next = firstLocal
  const keep = (a: Code): Code => {
    body.push(...a, ...set(next))
    return get(next++)
  }
  return {
    ...{ body, locals: () => next - firstLocal, local: () => next++, keep },
    ...{ float: (value) => constant(bitsOf(value)), integer: constant },
    ...{
      add: binary(228),
      sub: binary(229),
      mul: binary(230),
      div: binary(231),
      sqrt: unary(227),
      convert: unary(250),
    },
    ...{ plus: binary(174), shiftLeft: shift(171), shiftSigned: shift(172), shiftRight: shift(173) },
    ...{ and: binary(78), xor: binary(81), select: (mask, a, b) => [...a, ...b, ...mask, ...vector(82)] },
  }
}

const [M0, M1, W0, W1, ROUNDS] = [0xd2511f53, 0xcd9e8d57, 0x9e3779b9, 0xbb67ae85, 10]
/** The high words of four 64-bit products that lie in two vectors. */
const HIGH_WORDS = [4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31]

/** Philox4x32-10 on four blocks at a time: see {@link philoxInto}. */
const writePhilox = (w: Writer, counter: readonly Code[], key: readonly Code[]): readonly Code[] => {
  const mulLow = binary(181)
  const mulHigh = (a: Code, b: Code): Code => [...binary(222)(a, b), ...binary(223)(a, b), ...vector(13), ...HIGH_WORDS]
  let [c0, c1, c2, c3] = counter
  let [k0, k1] = key
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = w.keep(mulHigh(c0, constant(M0)))
    const low0 = w.keep(mulLow(c0, constant(M0)))
    const high1 = w.keep(mulHigh(c2, constant(M1)))
    const low1 = w.keep(mulLow(c2, constant(M1)))
    ;[c0, c2] = [w.keep(w.xor(w.xor(high1, c1), k0)), w.keep(w.xor(w.xor(high0, c3), k1))]
    ;[c1, c3] = [low1, low0]
    ;[k0, k1] = [w.keep(w.plus(k0, constant(W0))), w.keep(w.plus(k1, constant(W1)))]
  }
  return [c0, c1, c2, c3]
}

/** Normals of one turn of the loop: four blocks of four words. */
const PER_TURN = 16
/** Parameters: turns, where to write, the first draw, the two words of the index, the key. */
const [TURNS, OUT, DRAW, LOW, HIGH, KEY0, KEY1] = [0, 1, 2, 3, 4, 5, 6]
const SPLAT = vector(17)
/** Draws 0 … 3 in the four lanes. */
const LANES = [...vector(12), ...[0, 1, 2, 3].flatMap((lane) => [lane, 0, 0, 0])]

const normalsFunction = (): WasmFunction => {
  const w = writer(KEY1 + 1)
  const splat = (parameter: number): Code => [...get(parameter), ...SPLAT]
  const draw = w.keep(w.plus(splat(DRAW), LANES))
  const words = writePhilox(
    w,
    [draw, w.keep(constant(0)), w.keep(splat(LOW)), w.keep(splat(HIGH))],
    [w.keep(splat(KEY0)), w.keep(splat(KEY1))],
  )
  const normals = [...boxMuller(w, words[0], words[1]), ...boxMuller(w, words[2], words[3])]
  return {
    parameters: new Array(KEY1 + 1).fill(I32),
    locals: new Array(w.locals()).fill(V128),
    body: [
      ...LOOP,
      ...w.body,
      ...normals.flatMap((x, i) => [...get(OUT), ...x, ...v128Store(16 * i)]),
      ...advance(OUT, 4 * PER_TURN),
      ...advance(DRAW, 4),
      ...countDown(TURNS),
      END,
    ],
  }
}

/** Normals of one stream: a pure function of (seed, purpose, index, position), as all random numbers. */
export interface SingleNormals {
  /** Fills `out` with N(0,1) numbers: draws 0, 1, … of `index`. */
  into(out: Float32Array, index: number): void
}

const CHUNK = 256 * PER_TURN
const indexWords = (index: number): readonly [low: number, high: number] => [
  index >>> 0,
  Math.floor(index / 4294967296),
]

/**
 * In vectors, several times as fast as numbers one by one.
 * @verifiedBy test/numeric/single-normals.test.ts (bit for bit against {@link plainSingleNormals}; moments, tails, independence)
 */
export const singleNormals = (): ((seed: number, purpose: string) => SingleNormals) => {
  const { buffer, call } = wasmKernel(normalsFunction(), 4 * CHUNK)
  const made = new Float32Array(buffer, 0, CHUNK)
  return (seed, purpose) => {
    const [k0, k1] = streamKey(seed, purpose)
    const into = (out: Float32Array, index: number): void => {
      const [low, high] = indexWords(index)
      for (let at = 0; at < out.length; at += CHUNK) {
        const n = Math.min(CHUNK, out.length - at)
        call(Math.ceil(n / PER_TURN), 0, at / 4, low, high, k0, k1)
        out.set(n === CHUNK ? made : made.subarray(0, n), at)
      }
    }
    return { into }
  }
}

/** The reference, word by word. */
export const plainSingleNormals = (seed: number, purpose: string): SingleNormals => {
  const [k0, k1] = streamKey(seed, purpose)
  const block = new Uint32Array(4)
  const normalsOf = (draw: number, low: number, high: number): readonly number[] => {
    philoxInto(block, draw, 0, low, high, k0, k1)
    const pairs = [boxMuller(COMPUTE, block[0] | 0, block[1] | 0), boxMuller(COMPUTE, block[2] | 0, block[3] | 0)]
    return pairs.flat().map(numberOf)
  }
  const into = (out: Float32Array, index: number): void => {
    const [low, high] = indexWords(index)
    for (let draw = 0; 4 * draw < out.length; draw++) {
      const start = PER_TURN * Math.floor(draw / 4) + (draw % 4)
      normalsOf(draw, low, high).forEach((x, i) => {
        if (start + 4 * i < out.length) out[start + 4 * i] = x
      })
    }
  }
  return { into }
}
