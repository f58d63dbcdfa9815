import { randomStream } from '../../numeric/random.ts'

/** A named array of weights and the law that it starts from: normal with this standard deviation, or a constant. */
export interface ParameterSpec {
  readonly name: string
  readonly shape: readonly number[]
  /** The last axis is this many equal groups, of each of which a sub-network has the leading part; 1 when not given. */
  readonly groups?: number
  readonly start: { readonly normal: number } | { readonly constant: number }
}

/** Named weights. Within one network they are views of one buffer, in the order of the specification. */
export type Parameters = Readonly<Record<string, Float32Array>>

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

export const parameterCount = (specs: readonly ParameterSpec[]): number =>
  specs.reduce((sum, spec) => sum + sizeOf(spec.shape), 0)

/** The named views of a flat buffer. */
export const viewParameters = (
  specs: readonly ParameterSpec[],
  flat: Float32Array = new Float32Array(parameterCount(specs)),
): Parameters => {
  const views: Record<string, Float32Array> = {}
  let at = 0
  for (const { name, shape } of specs) {
    views[name] = flat.subarray(at, at + sizeOf(shape))
    at += sizeOf(shape)
  }
  return views
}

/** Starting weights [P], equal for equal (seed, purpose). */
export const initialParameters = (specs: readonly ParameterSpec[], seed: number, purpose: string): Float32Array => {
  const flat = new Float32Array(parameterCount(specs))
  const stream = randomStream(seed, purpose)
  const views = viewParameters(specs, flat)
  specs.forEach(({ name, shape, start }, index) => {
    if ('constant' in start) {
      views[name].fill(start.constant)
      return
    }
    const normals = new Float64Array(sizeOf(shape))
    stream.normalsInto(normals, index)
    views[name].set(normals.map((x) => x * start.normal))
  })
  return flat
}
