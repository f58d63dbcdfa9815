/** Colours told apart with any kind of colour vision (Okabe & Ito, and a dark brown in place of their yellow, too pale on paper); black is kept for the reference. */
const PALETTE = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#7b4f2c']
const DASHES = ['', '7 3', '2 3', '9 3 2 3', '5 5', '1 4', '12 3']

export const REFERENCE_COLOUR = '#1c2733'

/** How one model is drawn, the same in every figure; the dash tells lines apart without colour. */
export interface ModelStyle {
  readonly name: string
  readonly colour: string
  readonly dash: string
}

/** The trained generator's name among the trace models. */
const GENERATOR = 'gan'

/** The models to look at first: the recommended one, then the generator. */
export const foremost = (names: readonly string[], recommended: string): string[] =>
  [...new Set([recommended, GENERATOR])].filter((n) => names.includes(n))

/** The foremost models take the first colours and plainest lines, the others follow in their order. */
export const modelStyles = (names: readonly string[], recommended: string): ReadonlyMap<string, ModelStyle> => {
  const ordered = [...new Set([...foremost(names, recommended), ...names])]
  return new Map(
    ordered.map((name, i) => [name, { name, colour: PALETTE[i % PALETTE.length], dash: DASHES[i % DASHES.length] }]),
  )
}

type Oklab = readonly [number, number, number]

const gamma = (c: number): number => (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055)
const channel = (c: number): string =>
  Math.round(255 * Math.min(1, Math.max(0, gamma(Math.max(0, c)))))
    .toString(16)
    .padStart(2, '0')

/**
 * Oklab to sRGB.
 * @source Ottosson, "A perceptual color space for image processing" (2020)
 */
const toHex = ([l, a, b]: Oklab): string => {
  const long = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const medium = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const short = (l - 0.0894841775 * a - 1.291485548 * b) ** 3
  const red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
  const green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
  const blue = -0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short
  return `#${channel(red)}${channel(green)}${channel(blue)}`
}

/** A sequential map: lightness falls in equal steps, hue turns from `from` to `to` degrees, most colour in the middle. */
interface Ramp {
  readonly from: number
  readonly to: number
  readonly light: number
  readonly dark: number
  readonly chroma: number
}
const RAMPS = {
  /** Near white at 0: what is at rest stays paper. */
  wave: { from: 95, to: 300, light: 0.985, dark: 0.27, chroma: 0.135 },
  material: { from: 110, to: 215, light: 0.94, dark: 0.38, chroma: 0.1 },
} as const satisfies Record<string, Ramp>
export type RampName = keyof typeof RAMPS

/** Colour of t in [0, 1], perceptually uniform (equal steps of t are equal steps of Oklab lightness). */
export const rampColour = (name: RampName, t: number): string => {
  const { from, to, light, dark, chroma }: Ramp = RAMPS[name]
  const s = Math.min(1, Math.max(0, t))
  const hue = ((from + (to - from) * s) * Math.PI) / 180
  const c = chroma * Math.sin(Math.PI * 0.92 * s) ** 0.8
  return toHex([light + (dark - light) * s, c * Math.cos(hue), c * Math.sin(hue)])
}
