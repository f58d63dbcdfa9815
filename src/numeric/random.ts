import { createHash } from 'node:crypto'

const M0 = 0xd2511f53
const M1 = 0xcd9e8d57
const W0 = 0x9e3779b9
const W1 = 0xbb67ae85
const ROUNDS = 10

/** High 32 bits of the unsigned 64-bit product a·b. */
const mulHigh = (a: number, b: number): number => {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16)
  const cross = aLow * bHigh + (middle & 0xffff)
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(cross / 65536)) >>> 0
}

/**
 * One Philox4x32-10 block: 128 random bits from a 128-bit counter and a 64-bit key.
 * @param out four unsigned 32-bit words, overwritten
 * @source Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011
 * @verifiedBy test/numeric/random.test.ts (Random123's published known-answer vectors)
 */
export const philoxInto = (
  out: Uint32Array,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
): void => {
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = mulHigh(M0, c0)
    const low0 = Math.imul(M0, c0) >>> 0
    const high1 = mulHigh(M1, c2)
    const low1 = Math.imul(M1, c2) >>> 0
    c0 = (high1 ^ c1 ^ k0) >>> 0
    c1 = low1
    c2 = (high0 ^ c3 ^ k1) >>> 0
    c3 = low0
    k0 = (k0 + W0) >>> 0
    k1 = (k1 + W1) >>> 0
  }
  out[0] = c0
  out[1] = c1
  out[2] = c2
  out[3] = c3
}

/** A random stream: every number is a pure function of (seed, purpose, sample index, draw). */
export interface RandomStream {
  /** Fills `out` with U(0,1) numbers, never 0 nor 1: draws 0, 1, … of sample `index`. */
  uniformsInto(out: Float64Array, index: number): void
  /** Fills `out` with N(0,1) numbers (Box-Muller on the same draws). */
  normalsInto(out: Float64Array, index: number): void
}

/** The 64-bit key of a stream. */
export const streamKey = (seed: number, purpose: string): readonly [number, number] => {
  const digest = createHash('sha256').update(`nestwave/1/${seed}/${purpose}`).digest()
  return [digest.readUInt32LE(0), digest.readUInt32LE(4)]
}

const TWO_POW_M53 = 2 ** -53
/** 53 random bits to the open interval (0, 1). */
const toUnit = (high: number, low: number): number => ((high >>> 5) * 67108864 + (low >>> 6) + 0.5) * TWO_POW_M53

/**
 * Counter-based stream: key = hash(seed, purpose), counter = (draw, sample index). Never the worker, chunk or attempt,
 * so that any number of workers computes the same sample.
 */
export const randomStream = (seed: number, purpose: string): RandomStream => {
  const [k0, k1] = streamKey(seed, purpose)
  const block = new Uint32Array(4)
  const uniformsInto = (out: Float64Array, index: number): void => {
    const low = index >>> 0
    const high = Math.floor(index / 4294967296)
    for (let draw = 0; draw < out.length; draw += 2) {
      philoxInto(block, draw >>> 1, 0, low, high, k0, k1)
      out[draw] = toUnit(block[0], block[1])
      if (draw + 1 < out.length) out[draw + 1] = toUnit(block[2], block[3])
    }
  }
  const normalsInto = (out: Float64Array, index: number): void => {
    const low = index >>> 0
    const high = Math.floor(index / 4294967296)
    for (let draw = 0; draw < out.length; draw += 2) {
      philoxInto(block, draw >>> 1, 0, low, high, k0, k1)
      const radius = Math.sqrt(-2 * Math.log(toUnit(block[0], block[1])))
      const angle = 2 * Math.PI * toUnit(block[2], block[3])
      out[draw] = radius * Math.cos(angle)
      if (draw + 1 < out.length) out[draw + 1] = radius * Math.sin(angle)
    }
  }
  return { uniformsInto, normalsInto }
}
