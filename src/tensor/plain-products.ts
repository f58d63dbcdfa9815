import { node, type Tensor } from './graph.ts'
import { reachable } from './traverse.ts'

/** Rows from which a transposed left side is worth a copy; below it costs more than it saves. */
const MANY_ROWS = 512

const make = (kind: 'matmul' | 'reshape', inputs: readonly Tensor[], shape: readonly number[]): Tensor =>
  node({ kind }, inputs, shape)

/** xᵀ as a copy: with the reshaping, ONNX Runtime does not merge the transposition into the product again. */
const copyTransposed = (x: Tensor): Tensor => {
  const [rows, columns] = x.shape
  const cube = make('reshape', [x], [1, rows, columns])
  const turned = node({ kind: 'transpose', permutation: [0, 2, 1] }, [cube], [1, columns, rows])
  return make('reshape', [turned], [columns, rows])
}

/** x and y of a product xᵀ y over many rows: what a derivative by a weight matrix is. */
const overRows = ({ op, inputs }: Tensor): readonly [x: Tensor, y: Tensor] | undefined => {
  if (op.kind !== 'matmul' || inputs[0].op.kind !== 'transpose' || inputs[0].shape.length !== 2) return undefined
  return inputs[1].shape.length === 2 && inputs[1].shape[0] >= MANY_ROWS ? [inputs[0].inputs[0], inputs[1]] : undefined
}

/**
 * An equal graph in which products xᵀ y over many rows have an untransposed left side: the narrower of the two is copied
 * into its transpose, xᵀ y = (yᵀ x)ᵀ. ONNX Runtime multiplies a transposed left side of a thousand rows half as fast.
 * @verifiedBy test/tensor/plain-products.test.ts
 */
export const plainProducts = (outputs: Readonly<Record<string, Tensor>>): Readonly<Record<string, Tensor>> => {
  const copies = new Map<Tensor, Tensor>()
  const copyOf = (x: Tensor): Tensor => {
    const copy = copies.get(x) ?? copyTransposed(x)
    copies.set(x, copy)
    return copy
  }
  const replaced = new Map<Tensor, Tensor>()
  const rewrite = (z: Tensor): Tensor => {
    const inputs = z.inputs.map((x) => replaced.get(x)!)
    const pair = overRows(z)?.map((x) => replaced.get(x)!)
    if (!pair) return inputs.every((x, i) => x === z.inputs[i]) ? z : node(z.op, inputs, z.shape)
    const [x, y] = pair
    const [columns, others] = z.shape
    if (columns <= others) return make('matmul', [copyOf(x), y], z.shape)
    const turned = make('matmul', [copyOf(y), x], [others, columns])
    return node({ kind: 'transpose', permutation: [1, 0] }, [turned], z.shape)
  }
  for (const z of reachable(Object.values(outputs))) replaced.set(z, rewrite(z))
  return Object.fromEntries(Object.entries(outputs).map(([name, z]) => [name, replaced.get(z)!]))
}
