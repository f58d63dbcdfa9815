import { nodesOfCells } from '../mesh/groups.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { InvalidInput, type Problem } from '../numeric/errors.ts'
import { randomStream } from '../numeric/random.ts'
import { quantile, supportOf } from '../uq/marginal.ts'
import { type Crack, type CrackLine, splitForCracks } from '../wave/crack.ts'
import type { Split, Study } from './schema.ts'

export type Defect = NonNullable<Study['uncertainty']['defect']>

/** Present or not, centre, length: always drawn in this order. */
const DRAWS = 3

/**
 * The hidden crack of sample `index` of a split, null for none: a function of the seed, so that it need not be stored. No trace
 * model is told of it.
 * @verifiedBy test/study/defect.test.ts
 */
export const defectSampler = ({ seed, uncertainty }: Study, split: Split): ((index: number) => Crack | null) => {
  const { defect } = uncertainty
  if (defect === undefined) return () => null
  const stream = randomStream(seed, `defect/${split}`)
  const u = new Float64Array(DRAWS)
  return (index) => {
    stream.uniformsInto(u, index)
    if (u[0] >= defect.present) return null
    return { centre: quantile(defect.centre, u[1]), length: quantile(defect.length, u[2]) }
  }
}

export const CRACK_SIZE = 2

/**
 * The crack of a vector [centre, length], m; null for length 0.
 * @throws InvalidInput for a crack that the study's laws cannot draw
 */
export const crackFromVector = (defect: Defect, [centre, length]: readonly number[], path: string): Crack | null => {
  if (length === 0) return null
  const problems = (['centre', 'length'] as const).flatMap((key, i): Problem[] => {
    const [low, high] = supportOf(defect[key])
    const value = [centre, length][i]
    const none = key === 'length' ? ', or 0 for no crack' : ''
    return value >= low && value <= high
      ? []
      : [{ path: `${path}[${i}]`, expected: `a ${key} from ${low} to ${high} m${none}`, received: String(value) }]
  })
  if (problems.length > 0) throw new InvalidInput(problems)
  return { centre, length }
}

const ROUNDING = 1e-9

/** A crack must open at least one pair of nodes and end on the line: what is labelled a crack then is one. */
const checkFits = ({ centre, length }: Defect, line: CrackLine): void => {
  const [least, most] = supportOf(length)
  const [low, high] = supportOf(centre)
  const slack = ROUNDING * line.length
  const problems: Problem[] = []
  if (least < 2 * line.longestFacet - slack)
    problems.push({
      path: 'uncertainty.defect.length',
      expected: `lengths of at least ${(2 * line.longestFacet).toPrecision(4)} m, two facets of the line`,
      received: `${length.law} from ${least.toPrecision(4)} m`,
    })
  if (low - most / 2 < -slack || high + most / 2 > line.length + slack)
    problems.push({
      path: 'uncertainty.defect.centre',
      expected: `centres whose longest crack stays on the line, ${(most / 2).toPrecision(4)} to ${(line.length - most / 2).toPrecision(4)} m`,
      received: `${centre.law} from ${low.toPrecision(4)} to ${high.toPrecision(4)} m`,
    })
  if (problems.length > 0) throw new InvalidInput(problems)
}

const checkAway = ({ along }: Defect, mesh: Mesh, line: CrackLine, zoneCells: Int32Array): void => {
  const zone = new Set(nodesOfCells(mesh, zoneCells))
  const shared = line.nodes.filter((node) => zone.has(node)).length
  if (shared === 0) return
  throw InvalidInput.of(
    'uncertainty.defect.along',
    'a line away from the zone, whose submodel knows no crack',
    `'${along}', which shares ${shared} nodes with it`,
  )
}

/**
 * The mesh split along the defect's line. Cells, and the nodes there were, keep their numbers.
 * @throws InvalidInput for a group that is no line inside the mesh, a line that touches the zone, a law that leaves the line
 * @verifiedBy test/study/defect.test.ts
 */
export const splitForDefect = (
  defect: Defect,
  mesh: Mesh,
  zoneCells: Int32Array,
): { readonly mesh: Mesh; readonly crackLine: CrackLine } => {
  const split = splitForCracks(mesh, defect.along, 'uncertainty.defect.along')
  checkAway(defect, mesh, split.line, zoneCells)
  checkFits(defect, split.line)
  return { mesh: split.mesh, crackLine: split.line }
}
