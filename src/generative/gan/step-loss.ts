import type { Tensor } from '../../tensor/graph.ts'
import type { Weights } from './matformer-block.ts'

/** A loss and the weights that it teaches; `prefix` names them among all inputs. */
export interface StepLoss {
  readonly loss: Tensor
  readonly prefix: 'g.' | 'd.'
  readonly weights: Weights
}
