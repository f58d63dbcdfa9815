import { concat, constant, type OpOf, type Tensor } from './graph.ts'
import { withLength } from './shape.ts'

type Padded = Tensor & { readonly op: OpOf<'pad'> }
const isPad = (x: Tensor): x is Padded => x.op.kind === 'pad'
const start = (x: Padded): number => x.op.before
const end = (x: Padded): number => x.op.before + x.inputs[0].shape[x.op.axis]

/** Splits pads along one axis into as few lists as the overlaps allow, each disjoint and in ascending order. */
const layersOf = (pads: readonly Padded[]): readonly Padded[][] => {
  const layers: Padded[][] = []
  for (const piece of pads.toSorted((a, b) => start(a) - start(b) || a.id - b.id)) {
    const free = layers.find((layer) => end(layer.at(-1)!) <= start(piece))
    if (free) free.push(piece)
    else layers.push([piece])
  }
  return layers
}

/** The sum of disjoint pads written as one row of pieces with zeros in the gaps. */
const rowOf = (layer: readonly Padded[]): Tensor => {
  if (layer.length === 1) return layer[0]
  const { axis } = layer[0].op
  const gap = (length: number): Tensor[] => (length > 0 ? [constant(0, withLength(layer[0].shape, axis, length))] : [])
  const pieces = layer.flatMap((piece, i) => [...gap(start(piece) - (i > 0 ? end(layer[i - 1]) : 0)), piece.inputs[0]])
  return concat([...pieces, ...gap(layer.at(-1)!.op.after)], axis)
}

/**
 * Terms with the same sum and fewer zeros. A tensor cut into n slices receives n pads, each as long as the whole: adding
 * them costs n times its length, one concatenation costs its length once. This is what makes one flat parameter vector,
 * attention heads and nested widths affordable.
 */
export const sumDisjointPads = (terms: readonly Tensor[]): readonly Tensor[] => {
  const pads = terms.filter(isPad)
  if (pads.length < 2) return terms
  const axes = [...new Set(pads.map((x) => x.op.axis))]
  const rows = axes.flatMap((axis) => layersOf(pads.filter((x) => x.op.axis === axis)).map(rowOf))
  return [...terms.filter((x) => !isPad(x)), ...rows]
}
