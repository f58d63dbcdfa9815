/** Chance that can be had again: the same seed and index give the same request. */
export interface Chance {
  /** Uniform in [0, 1). */
  readonly unit: () => number
  /** A whole number below n. */
  readonly below: (n: number) => number
  readonly pick: <T>(items: readonly T[]) => T
  /** Whether something with this probability happens. */
  readonly is: (probability: number) => boolean
}

/** @source mulberry32, Tommy Ettinger (public domain) */
const mulberry = (start: number): (() => number) => {
  let state = start >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export const chanceOf = (seed: number, index: number): Chance => {
  const unit = mulberry(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b))
  const below = (n: number): number => Math.floor(unit() * n)
  return { unit, below, pick: (items) => items[below(items.length)], is: (probability) => unit() < probability }
}
