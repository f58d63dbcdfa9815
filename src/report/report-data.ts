/** Everything a report shows, as plain data: figures and tables are functions of it. All numbers in SI units. */
export interface ReportData {
  readonly title: string
  readonly summary: Summary
  readonly geometry: Geometry
  /** Displacement magnitude (elastic) or field (scalar) of one full-domain run at a few times. */
  readonly snapshots: readonly { readonly time: number; readonly nodal: ArrayLike<number> }[]
  readonly snapshotUnit: string
  readonly fans: readonly TraceFan[]
  /** Trust panel: one entry per trace model, `floor` beside them. */
  readonly floor: ModelPanel
  readonly models: readonly ModelPanel[]
  readonly recommended: string
  /** The model behind `estimates`: the recommended one, or the one that the study asks for. */
  readonly estimated: string
  /** Why that one, in a sentence, judged on validation data only. */
  readonly recommendation: string
  readonly reduction: {
    readonly modes: number
    readonly energy: number
    /** Share of real histories' energy before the earliest arrival. */
    readonly beforeArrival?: number
    /** Error of the quantities that the study accepts. */
    readonly tolerance?: number
    readonly rows: readonly ReductionRow[]
  }
  readonly quantities: readonly QuantityPanel[]
  readonly estimates: readonly EstimateRow[]
  /** What the fresh full-domain runs of the held-out set say of the same statistics: the reference. */
  readonly reference: readonly EstimateRow[]
  readonly granularities: readonly GranularityRow[]
  readonly training: TrainingCurve
  readonly timings: readonly { readonly stage: string; readonly seconds: number }[]
  readonly warnings: readonly string[]
  readonly provenance: Provenance
  /** The study file as run, pretty JSON. */
  readonly study: string
}

/** The first thing a reader sees: three to six headline numbers in words. */
export interface Summary {
  readonly headlines: readonly { readonly label: string; readonly value: string; readonly note: string }[]
}

export interface Geometry {
  readonly points: ArrayLike<number>
  /** Polygons as node numbers, three or four each. */
  readonly cells: readonly ArrayLike<number>[]
  readonly zoneCells: ArrayLike<number>
  readonly interfaceNodes: ArrayLike<number>
  /** Named boundary facets to draw, [2·n] node pairs; e.g. load, clamped. */
  readonly facets: readonly { readonly name: string; readonly pairs: ArrayLike<number> }[]
  readonly probes: readonly { readonly name: string; readonly point: readonly [number, number] }[]
  /** Modulus of the same full-domain run per cell, Pa. */
  readonly modulus: ArrayLike<number>
  /** Which modulus: Young's, or that of the scalar wave equation. */
  readonly modulusName: string
  /** Whether it is random outside the zone. */
  readonly modulusIsRandom: boolean
}

/** Histories of one interface dof: real validation runs beside runs of each model, a few dozen each. */
export interface TraceFan {
  readonly label: string
  readonly unit: string
  readonly times: ArrayLike<number>
  readonly real: readonly ArrayLike<number>[]
  readonly generated: readonly { readonly model: string; readonly histories: readonly ArrayLike<number>[] }[]
}

/** A judged number, `floor` being what real against real gives at the same n. */
export interface PanelMetric {
  readonly key: string
  readonly label: string
  readonly value: number
  /** SI; '1' a plain number, '%' a fraction to be shown in percent (0.02 as 2 %). */
  readonly unit: string
  readonly interval?: readonly [number, number]
  readonly note?: string
}

export interface ModelPanel {
  readonly name: string
  readonly description: string
  readonly samples: number
  readonly meanKs: number
  readonly metrics: readonly PanelMetric[]
  readonly ksByQuantity: readonly { readonly qoi: string; readonly ks: number }[]
}

export interface ReductionRow {
  readonly modes: number
  readonly energy: number
  /** Relative QoI error of real validation traces pushed through reduction and submodel, mean over quantities. */
  readonly quantityError: number
}

/** Samples of one quantity: the reference's and each model's; a failed sample is NaN and left out of the pictures. */
export interface QuantityPanel {
  readonly name: string
  readonly label: string
  readonly unit: string
  readonly reference: ArrayLike<number>
  readonly byModel: readonly { readonly model: string; readonly values: ArrayLike<number> }[]
  /** Running estimate of the mean of the estimated model with its interval, at growing n. */
  readonly convergence: readonly {
    readonly n: number
    readonly mean: number
    readonly low: number
    readonly high: number
  }[]
}

export interface EstimateRow {
  readonly qoi: string
  /** 'mean' | 'standard deviation' | 'quantile 0.95' | 'P(Q > 1.8e8 Pa)' … */
  readonly statistic: string
  readonly value: number
  readonly interval: readonly [number, number]
  readonly level: number
  readonly method: string
  readonly unit: string
  readonly samples: number
  readonly failed: number
}

export interface GranularityRow {
  /** '1/8', '1', or a Mix'n'Match combination '1/4·1/2·1/4'. */
  readonly label: string
  readonly mixed: boolean
  readonly parameters: number
  readonly flopsPerSample: number
  readonly microsecondsPerSample: number
  readonly energyDistance: number
  readonly meanKs: number
  /** Pearson correlation of each quantity with the full generator at the same (θ, z), mean over quantities. */
  readonly correlation: number
}

export interface TrainingCurve {
  readonly iterations: ArrayLike<number>
  /** Labels are 'measure, runs it is taken on': series of one measure share a panel. */
  readonly series: readonly { readonly label: string; readonly values: ArrayLike<number> }[]
  /** The iteration whose weights are used. */
  readonly best?: number
  readonly note: string
}

export interface Provenance {
  readonly nestwave: string
  readonly node: string
  readonly executor: string
  readonly seed: number
  readonly studyHash: string
  readonly command: string
  readonly entries: readonly { readonly label: string; readonly value: string }[]
}
