import type { FieldMap, FieldMoments } from '../../src/generative/distances.ts'
import type { TrainingData } from '../../src/generative/training-data.ts'
import type { QuantityTable } from '../../src/study/quantity-table.ts'
import type { ExperimentData } from '../experiment-data.ts'

export type HeldSplit = 'validation' | 'test'

/** Something of training runs, and the same of held-out runs. */
export interface Both<T> {
  readonly training: T
  readonly held: T
}

/** Real runs that models are judged by, and the training runs beside them for the floors. */
export interface Held {
  readonly split: HeldSplit
  /** Canonical coefficients and conditions. */
  readonly runs: TrainingData
  readonly fields: FieldMap
  /** Of whole canonical traces, without reduction. */
  readonly moments: Both<FieldMoments>
  /** Quantities of interest under each run's own load. */
  readonly tables: Both<QuantityTable>
  /** Quantities [n, q] of coefficients [n, r], row i with the load of held-out run i. */
  readonly quantities: (coefficients: Float64Array, n: number) => Promise<Float64Array>
}

/** What is learnt from, and the way to what is judged by. */
export interface Ground {
  readonly data: ExperimentData
  /** Hash of study and mesh. */
  readonly hash: string
  readonly open: (split: HeldSplit) => Promise<Held>
}
