/** Numbers as an engineer writes them: SI prefixes, digits that the interval supports, percent, true minus signs. */

const PREFIXES: readonly (readonly [number, string])[] = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
  [1, ''],
  [1e-3, 'm'],
  [1e-6, 'µ'],
  [1e-9, 'n'],
  [1e-12, 'p'],
]
/** Units that take a prefix; seconds only small ones (no kiloseconds). */
const PREFIXED = /^(Pa|m|s|N|J|W|Hz|FLOP)$/

/** value [SI] = shown number · `factor`; `unit` is what to print behind the shown number. */
export interface ShownUnit {
  readonly factor: number
  readonly unit: string
}

/** The unit that makes `largest` a number from 1 to 999; '1' and '' print nothing, '%' is a fraction in percent. */
export const shownUnit = (largest: number, unit: string): ShownUnit => {
  if (unit === '%') return { factor: 0.01, unit: '%' }
  if (unit === '1' || unit === '') return { factor: 1, unit: '' }
  if (!PREFIXED.test(unit) || !Number.isFinite(largest) || largest === 0) return { factor: 1, unit }
  // A hair of tolerance: 999.9999999 kPa is 1 MPa.
  const size = Math.abs(largest) * (1 + 1e-9)
  const [factor, prefix] = PREFIXES.find(([f]) => size >= f && !(unit === 's' && f > 1)) ?? PREFIXES.at(-1)!
  return { factor, unit: prefix + unit }
}

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹'
const superscript = (n: number): string =>
  (n < 0 ? '⁻' : '') + [...String(Math.abs(n))].map((d) => SUPERSCRIPTS[Number(d)]).join('')

const withMinus = (text: string): string => text.replace(/^-/, '−')
const withCommas = (text: string): string =>
  text.replace(/^(−?\d+)/, (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ','))

/** `decimals` places, thousands separated, no negative zero; '–' for a number that is none. */
export const formatFixed = (x: number, decimals: number): string => {
  if (!Number.isFinite(x)) return '–'
  const text = x.toFixed(decimals)
  return withCommas(withMinus(Number(text) === 0 ? text.replace('-', '') : text))
}

const scientific = (x: number, digits: number): string => {
  const [mantissa, exponent] = x.toExponential(digits - 1).split('e')
  return `${withMinus(mantissa)}·10${superscript(Number(exponent))}`
}

/** `digits` significant digits, plain from .001 to 999,999, else as a power of ten. */
export const formatNumber = (x: number, digits = 3): string => {
  if (!Number.isFinite(x)) return '–'
  if (x === 0) return '0'
  const size = Math.abs(x)
  if (size < 1e-3 || size >= 1e6) return scientific(x, digits)
  const exponent = Math.floor(Math.log10(Number(size.toPrecision(digits))))
  return formatFixed(x, Math.max(0, digits - 1 - exponent))
}

const joined = (number: string, unit: string): string => (unit === '' || number === '–' ? number : `${number} ${unit}`)

/** 182.4 MPa, 12.3 µm, 51.2 µs, 3.1 %. */
export const formatQuantity = (value: number, unit: string, digits = 4): string => {
  const shown = shownUnit(value, unit)
  return joined(formatNumber(value / shown.factor, digits), shown.unit)
}

export const formatPercent = (fraction: number, digits = 2): string => formatQuantity(fraction, '%', digits)

/** What a wave field of this unit is: displacement in m, else just a field (scalar wave equation). */
export const fieldName = (unit: string): string => (unit === 'm' ? 'displacement' : 'field')

/** A whole number with thousands separated. */
export const formatCount = (n: number): string => formatFixed(n, 0)

/** Decimals that leave two significant digits in `width`. */
export const decimalsFor = (width: number): number =>
  width > 0 && Number.isFinite(width) ? Math.min(8, Math.max(0, 1 - Math.floor(Math.log10(width)))) : 3

export interface ShownEstimate {
  readonly value: string
  /** '[a, b]', without unit. */
  readonly interval: string
  readonly unit: string
}

/** A value and its interval in a given unit, rounded to what the interval's half width supports (two digits of it). */
export const formatEstimateIn = (
  shown: ShownUnit,
  value: number,
  interval: readonly [number, number],
): ShownEstimate => {
  const decimals = decimalsFor((interval[1] - interval[0]) / 2 / shown.factor)
  const number = (x: number): string => formatFixed(x / shown.factor, decimals)
  return { value: number(value), interval: `[${number(interval[0])}, ${number(interval[1])}]`, unit: shown.unit }
}

/** The same in the unit that suits the largest of the three numbers. */
export const formatEstimate = (value: number, interval: readonly [number, number], unit: string): ShownEstimate => {
  const largest = Math.max(...[value, ...interval].filter(Number.isFinite).map(Math.abs), 0)
  return formatEstimateIn(shownUnit(largest, unit), value, interval)
}

/** [181.2, 183.6] MPa */
export const formatInterval = (interval: readonly [number, number], unit: string): string => {
  const shown = formatEstimate((interval[0] + interval[1]) / 2, interval, unit)
  return joined(shown.interval, shown.unit)
}

/** 51.2 µs, 12.3 s, 3 min 12 s, 1 h 05 min. */
export const formatSeconds = (seconds: number): string => {
  if (!(seconds >= 60)) return formatQuantity(seconds, 's', 3)
  const whole = Math.round(seconds)
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min ${whole % 60} s`
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}

/** 'P(Q > 180000000 Pa)' with its threshold as an engineer writes it; any other statistic unchanged. */
export const formatStatistic = (statistic: string): string => {
  if (statistic === 'quantile 0.5') return 'median'
  const threshold = /^P\(Q > (\S+) (\S+)\)$/.exec(statistic)
  if (threshold !== null) return `P(Q > ${formatQuantity(Number(threshold[1]), threshold[2])})`
  const quantile = /^quantile (\S+)$/.exec(statistic)
  return quantile === null ? statistic : `${formatNumber(100 * Number(quantile[1]), 3).replace(/\.0+$/, '')} % quantile`
}

/** A label with a capital first letter; acronyms and symbols ('KS …', 'p-value …') stay as they are. */
export const sentenceCase = (label: string): string =>
  label.replace(/^\p{Ll}(?=\p{Ll})/u, (first) => first.toUpperCase())

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const isXmlCharacter = (code: number): boolean => code >= 0x20 || code === 0x9 || code === 0xa || code === 0xd

/** Text safe in HTML and SVG, as content or quoted attribute; control characters that XML forbids are dropped. */
export const escapeText = (text: string): string =>
  [...text]
    .filter((c) => isXmlCharacter(c.codePointAt(0)!))
    .join('')
    .replace(/[&<>"']/g, (c) => ESCAPES[c])
