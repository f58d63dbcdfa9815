import type { Problem } from '../numeric/errors.ts'
import { InvalidInput } from '../numeric/errors.ts'

/** ρ ü = ∇·(μ ∇u), one displacement per node (antiplane shear; any scalar wave). */
export interface ScalarMedium {
  readonly physics: 'scalar'
  /** μ [cells], Pa */
  readonly modulus: Float64Array
  /** ρ [cells], kg/m³ */
  readonly density: Float64Array
}

/** ρ ü = ∇·σ(u), isotropic, two displacements per node. */
export interface ElasticMedium {
  readonly physics: 'elastic'
  readonly hypothesis: 'plane-strain' | 'plane-stress'
  /** E [cells], Pa */
  readonly youngsModulus: Float64Array
  /** ν [cells] */
  readonly poissonRatio: Float64Array
  /** ρ [cells], kg/m³ */
  readonly density: Float64Array
}

export type Medium = ScalarMedium | ElasticMedium

export const componentsOf = (medium: Medium): 1 | 2 => (medium.physics === 'scalar' ? 1 : 2)

/** Lamé's λ (for plane stress 2λμ/(λ + 2μ)) and μ, Pa: σ = λ tr ε I + 2μ ε in the plane. */
export const lame = (
  { hypothesis, youngsModulus, poissonRatio }: ElasticMedium,
  cell: number,
): readonly [number, number] => {
  const e = youngsModulus[cell]
  const nu = poissonRatio[cell]
  const mu = e / (2 * (1 + nu))
  return [hypothesis === 'plane-strain' ? (e * nu) / ((1 + nu) * (1 - 2 * nu)) : (e * nu) / (1 - nu * nu), mu]
}

/** P (and S) wave speeds of a cell, m/s; the same number twice for a scalar medium. */
export const waveSpeeds = (medium: Medium, cell: number): readonly [number, number] => {
  const rho = medium.density[cell]
  if (medium.physics === 'scalar') {
    const c = Math.sqrt(medium.modulus[cell] / rho)
    return [c, c]
  }
  const [lambda, mu] = lame(medium, cell)
  return [Math.sqrt((lambda + 2 * mu) / rho), Math.sqrt(mu / rho)]
}

const checkField = (
  problems: Problem[],
  name: string,
  values: Float64Array,
  cells: number,
  expected: string,
  good: (value: number) => boolean,
): void => {
  const path = `medium.${name}`
  if (values.length !== cells) {
    problems.push({ path, expected: `${cells} values, one per cell`, received: `${values.length}` })
    return
  }
  const bad = values.findIndex((v) => !good(v))
  if (bad >= 0) problems.push({ path: `${path}[${bad}]`, expected, received: String(values[bad]) })
}

const positive = (v: number): boolean => v > 0 && Number.isFinite(v)

/** @throws InvalidInput naming the first bad cell of every field */
export const checkMedium = (medium: Medium, cells: number): void => {
  const problems: Problem[] = []
  checkField(problems, 'density', medium.density, cells, 'a density > 0 kg/m³', positive)
  if (medium.physics === 'scalar') checkField(problems, 'modulus', medium.modulus, cells, 'a modulus > 0 Pa', positive)
  else {
    checkField(problems, 'youngsModulus', medium.youngsModulus, cells, 'a modulus > 0 Pa', positive)
    const upper = medium.hypothesis === 'plane-strain' ? 0.5 : 1
    const good = (v: number): boolean => v > -1 && v < upper
    checkField(
      problems,
      'poissonRatio',
      medium.poissonRatio,
      cells,
      `a ratio in (-1, ${upper}) for ${medium.hypothesis}`,
      good,
    )
  }
  if (problems.length > 0) throw new InvalidInput(problems)
}
