import type { Shapes } from '../../numeric/tensor-tree.ts'
import { type ConditionalLaw, MEAN_DEGREE, VARIANCE_DEGREE } from '../conditional-law.ts'
import { legendreBasis } from '../legendre.ts'
import { type TailLaw, tailFeatureCount } from '../tail-law.ts'
import { tailGroups } from '../tail-scale.ts'
import type { GanState } from './gan-state.ts'
import { generatorSpecs } from './generator.ts'
import { fullHiddenSizes } from './generator-config.ts'
import { type Parameters, parameterCount, viewParameters } from './parameters.ts'

/** A trained generator with its weights by name: what its file holds. */
export type NamedGan = Omit<GanState, 'weights'> & { readonly weights: Parameters }

const specsOf = ({ config }: Pick<GanState, 'config'>) => generatorSpecs(config, fullHiddenSizes(config))

export const withNamedWeights = (state: GanState): NamedGan => ({
  ...state,
  weights: viewParameters(specsOf(state), state.weights),
})

/** The weights in one buffer again, in the order of the specification. */
export const withFlatWeights = (named: NamedGan): GanState => {
  const specs = specsOf(named)
  const weights = new Float32Array(parameterCount(specs))
  const views = viewParameters(specs, weights)
  for (const { name } of specs) views[name].set(named.weights[name])
  return { ...named, weights }
}

export const lawShapes = ({ modes: r, conditionCount: p }: ConditionalLaw): Shapes => {
  return {
    'law.meanWeights': [r, legendreBasis(p, MEAN_DEGREE).size],
    'law.directions': [r, r],
    'law.logVarianceWeights': [r, legendreBasis(p, VARIANCE_DEGREE).size],
    'law.logVarianceRange': [r, 2],
    'law.colouring': [r, r],
    'law.whitening': [r, r],
  }
}

export const tailShapes = (law: ConditionalLaw, tail: TailLaw | null): Shapes => {
  if (tail === null) return {}
  const t = law.modes - tail.leading
  const q = tail.scales.length
  return {
    'tail.scales': [q],
    'tail.ranges': [q, 2],
    'tail.weights': [t, tailFeatureCount(tail.conditionCount + q)],
    'tail.deviations': [t],
    'tail.scale.weights': [tailGroups(t), tailFeatureCount(tail.conditionCount + q)],
    'tail.scale.ranges': [tailGroups(t), 2],
    'tail.colouring': [t, t],
  }
}

/** The shape of every array of a generator's file, as its sizes ask for. */
export const ganShapes = (named: NamedGan): Shapes => {
  const { latent, conditionCount: p } = named.config
  return {
    ...lawShapes(named.law),
    ...tailShapes(named.law, named.tail),
    'moments.mean': [latent],
    'moments.covariance': [latent, latent],
    conditions: p === 0 ? [0] : [named.conditions.length / p, p],
    ...Object.fromEntries(specsOf(named).map(({ name, shape }) => [`weights.${name}`, shape])),
    ...Object.fromEntries(
      Object.keys(named.calibrations).flatMap((label) => [
        [`calibrations.${label}.matrix`, [latent, latent]],
        [`calibrations.${label}.shift`, [latent]],
      ]),
    ),
  }
}
