import type { PanelMetric, ReductionRow } from '../report/report-data.ts'
import type { Estimate } from '../uq/estimate.ts'

/** How a model's submodel runs compare with the held-out full-domain runs. */
export interface TraceModelResult {
  readonly description: string
  readonly samples: number
  readonly failed: number
  /** Mean over quantities of the two-sample KS distance to the held-out runs. */
  readonly meanKs: number
  readonly ksByQuantity: Readonly<Record<string, number>>
  readonly metrics: readonly PanelMetric[]
}

export interface GranularityResult {
  readonly label: string
  readonly granularities: readonly number[]
  readonly parameters: number
  readonly flopsPerSample: number
  readonly energyDistance: number
  readonly meanKs: number
  readonly correlation: number
}

/** The range of θ: where the models were trained, and how many samples of the estimate lie outside it. */
export interface RangeResult {
  readonly parameters: readonly {
    readonly key: string
    /** SI units; the support of its law, or the .001 and .999 quantiles. */
    readonly low: number
    readonly high: number
    /** Smallest and largest value among the training runs. */
    readonly covered: readonly [number, number]
  }[]
  readonly outside: number
  readonly samples: number
}

/** report.json: no time, no machine, no worker count in it; the same study gives the same bytes. */
export interface ReportJson {
  readonly schemaVersion: 1
  readonly title: string
  readonly recommended: string
  readonly recommendation: string
  readonly validationScores: Readonly<Record<string, number>>
  /** The model and granularity of `estimates`. */
  readonly model: { readonly name: string; readonly granularities: readonly number[] }
  readonly estimates: readonly Estimate[]
  /** The same statistics of the held-out full-domain runs. */
  readonly reference: readonly Estimate[]
  /** Real training runs against real held-out runs: what sampling noise alone gives. */
  readonly floor: TraceModelResult
  readonly traceModels: Readonly<Record<string, TraceModelResult>>
  readonly granularities: readonly GranularityResult[]
  readonly reduction: {
    readonly modes: number
    readonly energy: number
    /** The inner product in which modes are best. */
    readonly norm: 'l2' | 'h1' | 'quantities'
    /** Share of the energy of real validation traces before the earliest arrival: what holding traces at zero there takes. */
    readonly beforeArrival: number
    readonly rows: readonly ReductionRow[]
  }
  readonly range: RangeResult
  readonly warnings: readonly string[]
  readonly provenance: {
    readonly nestwave: string
    readonly numerics: number
    readonly seed: number
    readonly executor: string
    readonly studyHash: string
    readonly datasetHash: string
    readonly modelHash: string
    readonly meshHash: string
  }
}
