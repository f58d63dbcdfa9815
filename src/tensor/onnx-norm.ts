import type { OpOf, Tensor } from './graph.ts'

/** LayerNormalization has up to three results; this says which of our nodes one of it writes. */
export interface NormNode {
  readonly x: Tensor
  readonly eps: number
  /** Absent for ones, and for none. */
  readonly gain?: Tensor
  readonly bias?: Tensor
  /** (x - mean) / deviation · gain + bias */
  readonly y?: Tensor
  /** 1 / deviation */
  readonly inverse?: Tensor
}

/** Every node that a LayerNormalization stands for: the first of them writes it, `undefined` marks the others. */
export type NormPlan = ReadonlyMap<Tensor, NormNode | undefined>

type Norm = Tensor & { readonly op: OpOf<'normalise' | 'inverseDeviation'> }
const isNorm = (x: Tensor): x is Norm => x.op.kind === 'normalise' || x.op.kind === 'inverseDeviation'

const usersOf = (nodes: readonly Tensor[]): ReadonlyMap<Tensor, readonly Tensor[]> => {
  const users = new Map<Tensor, Tensor[]>(nodes.map((x) => [x, []]))
  for (const y of nodes) for (const x of new Set(y.inputs)) users.get(x)!.push(y)
  return users
}

/** The other operand, where it is one number per feature. */
const perFeature = (y: Tensor, x: Tensor): Tensor | undefined => {
  const other = y.inputs[0] === x ? y.inputs[1] : y.inputs[0]
  return other !== x && other.shape.length === 1 && other.shape[0] === x.shape.at(-1) ? other : undefined
}

/** normalise(x) · gain + bias whose steps nobody else reads. */
const affine = (
  y: Norm,
  users: ReadonlyMap<Tensor, readonly Tensor[]>,
  results: ReadonlySet<Tensor>,
): readonly [steps: readonly Tensor[], norm: NormNode] | undefined => {
  const [product, sum] = [users.get(y)![0], users.get(users.get(y)![0] ?? y)?.[0]]
  const alone = [y, product].every((x) => x && users.get(x)!.length === 1 && !results.has(x))
  if (!alone || product.op.kind !== 'mul' || sum?.op.kind !== 'add') return undefined
  const [gain, bias] = [perFeature(product, y), perFeature(sum, product)]
  return gain && bias && [[y, product, sum], { x: y.inputs[0], eps: y.op.eps, gain, bias, y: sum }]
}

/** Both results of one x and eps, by one node. */
const pairs = (norms: readonly Norm[]): readonly (readonly Norm[])[] => [
  ...Map.groupBy(norms, (norm) => `${norm.inputs[0].id} ${norm.op.eps}`).values(),
]

/**
 * Which LayerNormalization writes which nodes: normalise(x) and inverseDeviation(x) together, and gain and bias with it
 * where nobody needs the steps between (no derivative is asked for).
 * @param nodes in their order @param results nodes that are outputs
 */
export const planNorms = (nodes: readonly Tensor[], results: ReadonlySet<Tensor>): NormPlan => {
  const plan = new Map<Tensor, NormNode | undefined>()
  const users = usersOf(nodes)
  for (const pair of pairs(nodes.filter(isNorm))) {
    const [y, inverse] = ['normalise', 'inverseDeviation'].map((kind) => pair.find((norm) => norm.op.kind === kind))
    const whole = y && !inverse ? affine(y, users, results) : undefined
    const [steps, norm] = whole ?? [
      pair,
      { x: pair[0].inputs[0], eps: pair[0].op.eps, ...(y && { y }), ...(inverse && { inverse }) },
    ]
    for (const step of steps) plan.set(step, undefined)
    plan.set(whole ? norm.y! : steps[0], norm)
  }
  return plan
}
