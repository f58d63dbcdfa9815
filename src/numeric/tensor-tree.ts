import { InvalidInput, type Problem } from './errors.ts'
import { isTensorArray, type NamedTensor } from './safetensors.ts'

/** Shapes of the arrays in a tree by dotted path (`law.directions`); an array without one is a vector. */
export type Shapes = Readonly<Record<string, readonly number[]>>

/** Plain data whose typed arrays stand beside it under their paths. */
export interface SplitTree {
  /** The tree, with `{"$tensor": path}` for each array and `{"$number": "Infinity"}` for a number that JSON lacks. */
  readonly plain: unknown
  readonly tensors: Readonly<Record<string, NamedTensor>>
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** Takes the typed arrays out of a tree of plain data. */
export const splitTree = (data: unknown, shapes: Shapes): SplitTree => {
  const tensors: Record<string, NamedTensor> = {}
  const replace = (value: unknown, path: string): unknown => {
    const at = (key: string | number): string => (path === '' ? String(key) : `${path}.${key}`)
    if (isTensorArray(value)) {
      tensors[path] = { shape: shapes[path] ?? [value.length], data: value }
      return { $tensor: path }
    }
    if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) }
    if (Array.isArray(value)) return value.map((v, i) => replace(v, at(i)))
    return isObject(value) ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, replace(v, at(k))])) : value
  }
  return { plain: replace(data, ''), tensors }
}

/**
 * The data that {@link splitTree} took.
 * @throws InvalidInput for a tensor that is missing
 */
export const joinTree = ({ plain, tensors }: SplitTree, path: string): unknown => {
  const restore = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(restore)
    if (!isObject(value)) return value
    if ('$number' in value) return Number(value['$number'])
    if (!('$tensor' in value)) return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, restore(v)]))
    const name = String(value['$tensor'])
    if (!Object.hasOwn(tensors, name)) throw InvalidInput.of(path, `a tensor ${name}`, 'none of that name')
    return tensors[name].data
  }
  return restore(plain)
}

/** @throws InvalidInput with every tensor that is missing, or whose shape is another than its place in the tree asks for */
export const checkShapes = (tensors: SplitTree['tensors'], shapes: Shapes, path: string): void => {
  const problems = Object.entries(shapes).flatMap(([name, shape]): Problem[] => {
    const received = Object.hasOwn(tensors, name) ? `[${tensors[name].shape}]` : 'none of that name'
    return received === `[${shape}]` ? [] : [{ path: `${path}: ${name}`, expected: `shape [${shape}]`, received }]
  })
  if (problems.length > 0) throw new InvalidInput(problems)
}
