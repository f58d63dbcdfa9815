import { InvalidInput, type Problem } from '../numeric/errors.ts'
import { type Marginal, marginalProblems, supportOf } from '../uq/marginal.ts'
import { jsonStumble } from './json-place.ts'
import { problemsOf } from './problems.ts'
import { type Study, studySchema } from './schema.ts'

/** Line and column of the place where a text stops being JSON. */
const placeOf = (text: string): string => {
  const before = text.slice(0, jsonStumble(text)).split('\n')
  return `:${before.length}:${before.at(-1)!.length + 1}`
}

/** What the runtime says of it, on one line of printable characters. */
const complaint = (error: unknown): string =>
  (error as Error).message.replaceAll(/\s+/g, ' ').replaceAll(/[^ -~]+/g, '?')

/**
 * The study in a JSON text.
 * @throws InvalidInput with every problem found
 */
export const parseStudy = (text: string, source: string): Study => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw InvalidInput.of(
      `${source}${placeOf(text)}`,
      'JSON (no comments, no trailing commas, no NaN)',
      complaint(error),
    )
  }
  return checkStudy(json)
}

/** A study from parsed JSON: the schema first, then what ties fields together. */
export const checkStudy = (json: unknown): Study => {
  const result = studySchema.safeParse(json, { reportInput: true })
  if (!result.success) throw new InvalidInput(problemsOf(result.error))
  const problems = [
    ...checkLaws(result.data),
    ...checkMaterials(result.data),
    ...checkQuantities(result.data),
    ...checkGenerator(result.data),
  ]
  if (problems.length > 0) throw new InvalidInput(problems)
  return result.data
}

const problem = (path: string, expected: string, received: unknown): Problem => ({
  path,
  expected,
  received: String(received),
})

const checkLaws = ({ load, time }: Study): Problem[] => {
  const laws = { amplitude: load.amplitude, arrival: load.arrival, position: load.position, width: load.width }
  const problems: Problem[] = Object.entries(laws).flatMap(([key, law]) => marginalProblems(law, `load.${key}`))
  if (problems.length > 0) return problems
  if (mayBeBelow(load.arrival, 0))
    problems.push(problem('load.arrival', 'a law without negative times', shownLaw(load.arrival)))
  if (supportOf(load.arrival)[1] >= time.duration)
    problems.push(
      problem('load.arrival', `a law of times before time.duration = ${time.duration} s`, shownLaw(load.arrival)),
    )
  if (mayBeBelow(load.width, Number.MIN_VALUE))
    problems.push(problem('load.width', 'a law of positive times', shownLaw(load.width)))
  if (Math.hypot(...load.direction) === 0)
    problems.push(problem('load.direction', 'a vector that is not zero', '[0, 0]'))
  if (referenceAmplitude(load.amplitude) === 0)
    problems.push(problem('load.amplitude', 'a law whose middle is not zero', shownLaw(load.amplitude)))
  return problems
}

const mayBeBelow = (law: Marginal, limit: number): boolean => law.law === 'normal' || supportOf(law)[0] < limit
const shownLaw = (law: Marginal): string => {
  const [low, high] = supportOf(law).map((x) => Number(x.toPrecision(4)))
  return law.law === 'normal' ? `normal, which has no bounds` : `${law.law} from ${low} to ${high}`
}

/** The amplitude of the canonical runs, which all others are multiples of: the middle of the law's range. */
export const referenceAmplitude = (law: Marginal): number => (supportOf(law)[0] + supportOf(law)[1]) / 2

const checkMaterials = ({ domain, materials, fixed }: Study): Problem[] => {
  const problems: Problem[] = []
  const needed =
    domain.physics === 'scalar' ? (['shearModulus'] as const) : (['youngsModulus', 'poissonRatio'] as const)
  const foreign =
    domain.physics === 'scalar' ? (['youngsModulus', 'poissonRatio'] as const) : (['shearModulus'] as const)
  for (const [group, material] of Object.entries(materials)) {
    for (const key of needed)
      if (material[key] === undefined)
        problems.push(problem(`materials.${group}.${key}`, `a number (physics is ${domain.physics})`, 'nothing'))
    for (const key of foreign)
      if (material[key] !== undefined)
        problems.push(problem(`materials.${group}.${key}`, `no such key (physics is ${domain.physics})`, material[key]))
  }
  if (domain.physics === 'scalar')
    fixed.forEach(({ components }, k) => {
      if (components.length === 1 && components[0] === 'y')
        problems.push(problem(`fixed[${k}].components`, "['x'] (a scalar field has one component)", "['y']"))
    })
  return problems
}

const checkQuantities = ({ domain, quantities, estimate }: Study): Problem[] => {
  const problems: Problem[] = []
  const names = quantities.map((q) => q.name)
  quantities.forEach((q, k) => {
    if (names.indexOf(q.name) !== k)
      problems.push(problem(`quantities[${k}].name`, 'a name of its own', `${q.name} (used before)`))
    if (domain.physics === 'scalar' && q.kind === 'peak-von-mises')
      problems.push(problem(`quantities[${k}].kind`, 'peak-displacement or arrival-time (physics is scalar)', q.kind))
  })
  for (const key of Object.keys(estimate.exceedance))
    if (!names.includes(key))
      problems.push(problem(`estimate.exceedance.${key}`, `one of the quantities ${names.join(', ')}`, key))
  return problems
}

const checkGenerator = ({ generator, reduction, dataset, estimate }: Study): Problem[] => {
  const problems: Problem[] = []
  reduction.modes.forEach((modes, k) => {
    if (k > 0 && modes <= reduction.modes[k - 1])
      problems.push(problem(`reduction.modes[${k}]`, `a number > ${reduction.modes[k - 1]} (ascending)`, modes))
    if (modes > dataset.train / 2)
      problems.push(problem(`reduction.modes[${k}]`, `at most half of dataset.train = ${dataset.train}`, modes))
  })
  if (generator.form === 'transformer') {
    if (generator.width % generator.heads !== 0)
      problems.push(problem('generator.heads', `a divisor of generator.width = ${generator.width}`, generator.heads))
    if (generator.latent % generator.tokens !== 0)
      problems.push(
        problem('generator.tokens', `a divisor of generator.latent = ${generator.latent}`, generator.tokens),
      )
  } else if (generator.nestedHeads) {
    problems.push(problem('generator.nestedHeads', 'false (the residual form has no heads)', true))
  }
  if (generator.latent > reduction.modes[0])
    problems.push(problem('generator.latent', `at most reduction.modes[0] = ${reduction.modes[0]}`, generator.latent))
  if (generator.batch > dataset.train)
    problems.push(problem('generator.batch', `at most dataset.train = ${dataset.train}`, generator.batch))
  if (generator.mode === 'joint' && generator.batch % 4 !== 0)
    problems.push(
      problem('generator.batch', 'a multiple of 4 (mode is joint: four widths share a batch)', generator.batch),
    )
  const perBlock = (path: string, widths: readonly number[]): void => {
    if (widths.length !== generator.blocks)
      problems.push(
        problem(path, `one width per block (generator.blocks = ${generator.blocks})`, `${widths.length} widths`),
      )
  }
  if (Array.isArray(estimate.granularity)) perBlock('estimate.granularity', estimate.granularity)
  estimate.granularities.forEach((widths, k) => {
    perBlock(`estimate.granularities[${k}]`, widths)
  })
  return problems
}
