import { InvalidInput } from '../numeric/errors.ts'
import type { Tensor } from './graph.ts'
import { show } from './shape.ts'

/** Every node that the outputs need, inputs before users: ids grow from inputs to outputs, so sorting them is enough. */
export const reachable = (outputs: readonly Tensor[]): readonly Tensor[] => {
  const seen = new Set<Tensor>()
  const stack = [...outputs]
  for (let x = stack.pop(); x !== undefined; x = stack.pop()) {
    if (seen.has(x)) continue
    seen.add(x)
    stack.push(...x.inputs)
  }
  return [...seen].sort((a, b) => a.id - b.id)
}

/**
 * The input nodes among `nodes`, by name.
 * @throws InvalidInput when two distinct nodes share a name: a derivative by one would silently miss the other.
 */
export const inputsByName = (nodes: readonly Tensor[]): ReadonlyMap<string, Tensor> => {
  const byName = new Map<string, Tensor>()
  for (const x of nodes) {
    if (x.op.kind !== 'input') continue
    const first = byName.get(x.op.name)
    if (first)
      throw InvalidInput.of(`input ${x.op.name}`, 'one node per name', `two, ${show(first.shape)} and ${show(x.shape)}`)
    byName.set(x.op.name, x)
  }
  return byName
}
