import { InvalidInput } from '../numeric/errors.ts'
import {
  add,
  broadcastTo,
  constant,
  div,
  inverseDeviation,
  leakyReluSlope,
  matmul,
  mul,
  neg,
  normalise,
  type OpKind,
  type OpOf,
  pad,
  reduceMean,
  reduceSum,
  reshape,
  slice,
  square,
  sub,
  type Tensor,
  transpose,
} from './graph.ts'
import { sumDisjointPads } from './merge-pads.ts'
import { type Shape, sameShape, show } from './shape.ts'
import { inputsByName, reachable } from './traverse.ts'

/** The adjoint of broadcasting: sums over the axes along which `shape` was stretched to g's shape. */
const unbroadcast = (g: Tensor, shape: Shape): Tensor => {
  if (sameShape(g.shape, shape)) return g
  const lead = g.shape.length - shape.length
  const axes = g.shape.map((_, axis) => axis).filter((axis) => axis < lead || shape[axis - lead] !== g.shape[axis])
  return reshape(reduceSum(g, axes, true), shape)
}

const swapLast = (x: Tensor): Tensor => {
  const rank = x.shape.length
  return transpose(x, [...x.shape.keys()].slice(0, -2).concat(rank - 1, rank - 2))
}

/** One contribution g·∂y/∂input per input, each in the input's shape and built only when called; none where it is zero. */
type Adjoint<K extends OpKind> = (y: Tensor, g: Tensor, op: OpOf<K>) => readonly (() => Tensor)[]
type Adjoints = { readonly [K in OpKind]: Adjoint<K> }

const none = () => []
const x0 = (y: Tensor): Tensor => y.inputs[0]
const x1 = (y: Tensor): Tensor => y.inputs[1]

const ADJOINTS: Adjoints = {
  input: none,
  constant: none,
  stopGradient: none,
  leakyReluSlope: none,
  add: (y, g) => [() => unbroadcast(g, x0(y).shape), () => unbroadcast(g, x1(y).shape)],
  sub: (y, g) => [() => unbroadcast(g, x0(y).shape), () => unbroadcast(neg(g), x1(y).shape)],
  mul: (y, g) => [() => unbroadcast(mul(g, x1(y)), x0(y).shape), () => unbroadcast(mul(g, x0(y)), x1(y).shape)],
  div: (y, g) => [
    () => unbroadcast(div(g, x1(y)), x0(y).shape),
    () => unbroadcast(neg(mul(g, div(y, x1(y)))), x1(y).shape),
  ],
  neg: (_, g) => [() => neg(g)],
  square: (y, g) => [() => mul(mul(g, 2), x0(y))],
  exp: (y, g) => [() => mul(g, y)],
  log: (y, g) => [() => div(g, x0(y))],
  sqrt: (y, g) => [() => div(mul(g, 0.5), y)],
  // A positive slope keeps the sign: then nobody needs x besides y, and an executor may compute both in one go.
  leakyRelu: (y, g, { slope }) => [() => mul(g, leakyReluSlope(slope > 0 ? y : x0(y), slope))],
  normalise: (y, g, { eps }) => [
    () => {
      const along = sub(g, mul(y, reduceMean(mul(g, y), [-1], true)))
      return mul(sub(along, reduceMean(g, [-1], true)), inverseDeviation(x0(y), eps))
    },
  ],
  inverseDeviation: (y, g, { eps }) => [
    () => mul(normalise(x0(y), eps), mul(mul(g, square(y)), -1 / x0(y).shape.at(-1)!)),
  ],
  softmax: (y, g) => [() => mul(y, sub(g, reduceSum(mul(g, y), [-1], true)))],
  matmul: (y, g) => [
    () => unbroadcast(matmul(g, swapLast(x1(y))), x0(y).shape),
    () => unbroadcast(matmul(swapLast(x0(y)), g), x1(y).shape),
  ],
  transpose: (_, g, { permutation }) => [
    () =>
      transpose(
        g,
        permutation.map((_, axis) => permutation.indexOf(axis)),
      ),
  ],
  reshape: (y, g) => [() => reshape(g, x0(y).shape)],
  broadcastTo: (y, g) => [() => unbroadcast(g, x0(y).shape)],
  reduceSum: (y, g) => [() => broadcastTo(g, x0(y).shape)],
  concat: (y, g, { axis }) => {
    const ends = y.inputs.map((_, i) => y.inputs.slice(0, i + 1).reduce((sum, x) => sum + x.shape[axis], 0))
    return y.inputs.map((x, i) => () => slice(g, axis, ends[i] - x.shape[axis], ends[i]))
  },
  slice: (y, g, { axis, start, end }) => [() => pad(g, axis, start, x0(y).shape[axis] - end)],
  pad: (y, g, { axis, before }) => [() => slice(g, axis, before, before + x0(y).shape[axis])],
}

const adjointOf = (y: Tensor, g: Tensor): readonly (() => Tensor)[] =>
  (ADJOINTS[y.op.kind] as Adjoint<OpKind>)(y, g, y.op)

const total = (contributions: readonly Tensor[]): Tensor =>
  sumDisjointPads(contributions).reduce((sum, part) => add(sum, part))

/** Nodes with a path from one of `xs`, in the order of `nodes`. */
const dependents = (nodes: readonly Tensor[], xs: readonly Tensor[]): ReadonlySet<Tensor> => {
  const found = new Set<Tensor>(xs)
  for (const y of nodes) if (y.inputs.some((x) => found.has(x))) found.add(y)
  return found
}

/**
 * Reverse-mode derivatives ∂y/∂x as new nodes of the same graph, so that they can be differentiated again, to any order.
 * @param y scalar
 * @param xs any nodes, leaves or not; a zero constant is returned where no path leads from x to y
 * @throws InvalidInput when y is no scalar, or when two input nodes share a name
 * @source Griewank, Walther, "Evaluating Derivatives", 2nd ed., ch. 3
 * @verifiedBy test/tensor/gradient.test.ts (finite differences), test/tensor/gradient-penalty.test.ts (PyTorch)
 */
export const gradient = (y: Tensor, xs: readonly Tensor[]): Tensor[] => {
  if (y.shape.length !== 0) throw InvalidInput.of('gradient', 'a scalar to differentiate', `shape ${show(y.shape)}`)
  const nodes = reachable([y])
  inputsByName(nodes)
  const active = dependents(nodes, xs)
  const contributions = new Map<Tensor, Tensor[]>([[y, [constant(1)]]])
  const adjoints = new Map<Tensor, Tensor>()
  for (const current of nodes.toReversed()) {
    const received = contributions.get(current)
    if (!received) continue
    const g = total(received)
    adjoints.set(current, g)
    adjointOf(current, g).forEach((contribution, i) => {
      const x = current.inputs[i]
      if (!active.has(x)) return
      const list = contributions.get(x) ?? []
      contributions.set(x, [...list, contribution()])
    })
  }
  return xs.map((x) => adjoints.get(x) ?? constant(0, x.shape))
}
