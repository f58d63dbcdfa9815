import { gradient } from '../../tensor/gradient.ts'
import type { Tensor } from '../../tensor/graph.ts'
import { stepLosses } from './losses.ts'
import type { Weights } from './matformer-block.ts'
import type { StepLoss } from './step-loss.ts'
import { conditionsOf, critic, full, generate, networks } from './training-networks.ts'
import type { GanOptions } from './training-options.ts'

export type Outputs = Readonly<Record<string, Tensor>>

/** The loss itself among the outputs of a step, a number. */
export const LOSS = 'loss'
/** Outputs may not share the names of inputs. */
export const GRADIENT = 'grad.'

const gradientsOf = (loss: Tensor, prefix: string, weights: Weights): Outputs => {
  const names = Object.keys(weights)
  const slopes = gradient(
    loss,
    names.map((name) => weights[name]),
  )
  return Object.fromEntries(names.map((name, i) => [`${GRADIENT}${prefix}${name}`, slopes[i]]))
}

/** The graphs of one training mode: {@link stepLosses} and their gradients. */
export interface StepGraphs {
  readonly critics: readonly Outputs[]
  readonly generators: readonly Outputs[]
  readonly random: boolean
}

const graphOf = ({ loss, prefix, weights }: StepLoss): Outputs => ({
  [LOSS]: loss,
  ...gradientsOf(loss, prefix, weights),
})

/** The static graphs of all steps of a training. */
export const stepGraphs = (options: GanOptions): StepGraphs => {
  const { critics, generators, random } = stepLosses(options)
  return { critics: critics.map(graphOf), generators: generators.map(graphOf), random }
}

/** Samples [B, latent] of the full network and scores [B] of the critic, weights fed: what evaluations run. */
export const evaluationGraphs = (options: GanOptions): { readonly samples: Outputs; readonly scores: Outputs } => {
  const n = networks(options)
  return {
    samples: { samples: generate(n, full(options.generator)) },
    scores: { scores: critic(n, n.x, conditionsOf(n), [1]) },
  }
}
