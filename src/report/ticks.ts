/** The step of 1, 2 or 5 times a power of ten that divides `span` into as near to `target` parts as one can. */
export const niceStep = (span: number, target: number): number => {
  const raw = span / Math.max(target, 1)
  const power = 10 ** Math.floor(Math.log10(raw))
  const distance = (multiple: number): number => Math.abs(Math.log((multiple * power) / raw))
  return power * [1, 2, 5, 10].reduce((best, m) => (distance(m) < distance(best) ? m : best))
}

/** Multiples of a nice step within [low, high]. */
export const linearTicks = (low: number, high: number, target = 5): number[] => {
  if (!(high > low)) return [low]
  const step = niceStep(high - low, target)
  const first = Math.ceil(low / step - 1e-9)
  const last = Math.floor(high / step + 1e-9)
  // A whole multiple divided or multiplied once: no drift, no 0.30000000000000004.
  const at = (i: number): number => (step >= 1 ? i * step : i / Math.round(1 / step))
  const exact = step < 1 && Math.abs(Math.round(1 / step) * step - 1) > 1e-9
  return Array.from({ length: last - first + 1 }, (_, i) => (exact ? (first + i) * step : at(first + i)) + 0)
}

/** Decades within [low, high]; with fewer than three of them also their 2- and 5-fold. */
export const logTicks = (low: number, high: number): number[] => {
  const decades = Math.log10(high / low)
  const multiples = decades < 3 ? [1, 2, 5] : [1]
  const stride = Math.max(1, Math.ceil(decades / 7))
  const ticks: number[] = []
  for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e += stride)
    for (const m of multiples) {
      const t = m * 10 ** e
      if (t >= low * (1 - 1e-9) && t <= high * (1 + 1e-9)) ticks.push(t)
    }
  return ticks.length >= 2 ? ticks : linearTicks(low, high, 4).filter((t) => t > 0)
}

/** Decimals that tell neighbouring ticks apart. */
export const tickDecimals = (ticks: readonly number[]): number => {
  const gaps = ticks.slice(1).map((t, i) => t - ticks[i])
  const smallest = Math.min(...gaps.filter((g) => g > 0))
  if (!Number.isFinite(smallest)) return ticks.length === 1 && !Number.isInteger(ticks[0]) ? 2 : 0
  for (let decimals = 0; decimals < 8; decimals++)
    if (ticks.every((t) => Math.abs(t - Number(t.toFixed(decimals))) < smallest * 0.01)) return decimals
  return 8
}

/** The smallest interval with all finite values, or undefined when there is none. */
export const extent = (values: Iterable<number>): readonly [number, number] | undefined => {
  let low = Infinity
  let high = -Infinity
  for (const v of values) {
    if (!Number.isFinite(v)) continue
    if (v < low) low = v
    if (v > high) high = v
  }
  return high >= low ? [low, high] : undefined
}

/** An interval with `share` of its span added at both ends; a single point gets room around it. */
export const padded = ([low, high]: readonly [number, number], share = 0.05): readonly [number, number] => {
  const room = high > low ? (high - low) * share : Math.abs(low) * 0.1 || 1
  return [low - room, high + room]
}
