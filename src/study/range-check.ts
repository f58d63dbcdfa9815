import { InvalidInput, type Problem } from '../numeric/errors.ts'
import { type LoadSample, trainedRanges } from './law.ts'
import { estimateSampler } from './sampling.ts'
import type { Study } from './schema.ts'

/** Of a trained range's length: what a value may exceed it by, which arithmetic and decimal text do to an end. */
const ROUND_OFF = 1e-9
/** Share of an estimate's samples that may lie outside: the tails of an unbounded law, 0.2 % each, which the study means. */
const TAIL_SHARE = 0.01

type Ranges = ReturnType<typeof trainedRanges>

const isOutside = ({ low, high }: Ranges[number], x: number): boolean => {
  const slack = ROUND_OFF * (high - low)
  return !(x >= low - slack && x <= high + slack)
}

const sentence = ({ key, low, high }: Ranges[number]): string =>
  `load.${key} from ${low} to ${high}, the range that training covers`

/** How many of the first samples of the shared stream have a θ that training did not cover. */
export interface RangeCount {
  readonly outside: number
  readonly samples: number
}

export const countOutside = (study: Study, samples: number): RangeCount => {
  const ranges = trainedRanges(study)
  const sampleAt = estimateSampler(study)
  let outside = 0
  for (let i = 0; i < samples; i++) {
    const sample = sampleAt(i)
    if (ranges.some((range) => isOutside(range, sample[range.key]))) outside++
  }
  return { outside, samples }
}

/**
 * An estimate's check. Under `"refuse"` up to 1 % of the samples may lie outside: the law's own tails.
 * @throws InvalidInput under `estimate.outsideRange: "refuse"` when more do
 * @returns what to warn of, or null
 */
export const checkCount = (study: Study, { outside, samples }: RangeCount): string | null => {
  if (outside === 0) return null
  const ranges = trainedRanges(study).map(sentence).join('; ')
  const received = `${outside} of ${samples} samples outside`
  if (study.estimate.outsideRange === 'refuse' && outside > TAIL_SHARE * samples)
    throw InvalidInput.of('load', `${ranges} ("estimate.outsideRange": "warn" takes the nearest end)`, received)
  return `${received} the ranges of training: ${ranges}. The nearest end stands for each.`
}

/**
 * A single question's check, at any door.
 * @param path of the sample's vector; `places` the index of each key in it
 * @throws InvalidInput under `estimate.outsideRange: "refuse"` for a θ outside by more than round-off
 */
export const checkSample = (
  study: Study,
  sample: LoadSample,
  place: (key: Ranges[number]['key']) => string,
  warn: (text: string) => void,
): void => {
  const bad = trainedRanges(study).filter((range) => isOutside(range, sample[range.key]))
  if (bad.length === 0) return
  const problems = bad.map(
    (range): Problem => ({ path: place(range.key), expected: sentence(range), received: String(sample[range.key]) }),
  )
  if (study.estimate.outsideRange === 'refuse') throw new InvalidInput(problems)
  for (const { path, expected, received } of problems)
    warn(`${path}: ${received} is not within ${expected}; the nearest end stands for it`)
}
