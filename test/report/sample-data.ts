import { randomStream } from '../../src/numeric/random.ts'
import type {
  EstimateRow,
  Geometry,
  GranularityRow,
  ModelPanel,
  QuantityPanel,
  ReportData,
  TraceFan,
} from '../../src/report/report-data.ts'

/** A made-up report with the shape of a real one (plate with a hole, three quantities, five models); deterministic. */

const WIDTH = 0.6
const HEIGHT = 0.4
const HOLE = 0.03

const normals = (n: number, index: number): Float64Array => {
  const z = new Float64Array(n)
  randomStream(1, 'sample report').normalsInto(z, index)
  return z
}

interface Grid {
  readonly points: number[]
  readonly cells: number[][]
}

/** nx × ny rectangles less those whose centre is in the hole; every fourth one split into triangles. */
const gridOf = (nx: number, ny: number): Grid => {
  const points: number[] = []
  for (let j = 0; j <= ny; j++) for (let i = 0; i <= nx; i++) points.push((WIDTH * i) / nx, (HEIGHT * j) / ny)
  const cells: number[][] = []
  for (let j = 0; j < ny; j++)
    for (let i = 0; i < nx; i++) {
      const [x, y] = [(WIDTH * (i + 0.5)) / nx - WIDTH / 2, (HEIGHT * (j + 0.5)) / ny - HEIGHT / 2]
      if (Math.hypot(x, y) < HOLE) continue
      const a = j * (nx + 1) + i
      const quad = [a, a + 1, a + nx + 2, a + nx + 1]
      if ((i + j) % 4 === 0) cells.push([quad[0], quad[1], quad[2]], [quad[0], quad[2], quad[3]])
      else cells.push(quad)
    }
  return { points, cells }
}

const centre = (points: readonly number[], cell: readonly number[]): [number, number] => [
  cell.reduce((s, n) => s + points[2 * n], 0) / cell.length,
  cell.reduce((s, n) => s + points[2 * n + 1], 0) / cell.length,
]

const inZone = (x: number, y: number): boolean => Math.abs(x - WIDTH / 2) < 0.1 && Math.abs(y - HEIGHT / 2) < 0.1

const interfaceOf = ({ points }: Grid): number[] =>
  Array.from({ length: points.length / 2 }, (_, n) => n).filter((n) => {
    const [x, y] = [Math.abs(points[2 * n] - WIDTH / 2), Math.abs(points[2 * n + 1] - HEIGHT / 2)]
    return Math.abs(Math.max(x, y) - 0.1) < 1e-6
  })

const edge = (nx: number, ny: number, i: number): number[] =>
  Array.from({ length: ny }, (_, j) => [j * (nx + 1) + i, (j + 1) * (nx + 1) + i]).flat()

const geometryOf = (nx: number, ny: number): Geometry => {
  const grid = gridOf(nx, ny)
  const centres = grid.cells.map((c) => centre(grid.points, c))
  const modulus = centres.map(([x, y]) =>
    inZone(x, y)
      ? 2.1e11
      : 2.1e11 * Math.exp(0.12 * Math.sin(11 * x + 3) * Math.cos(14 * y) + 0.05 * Math.sin(30 * x * y + 1)),
  )
  return {
    points: Float64Array.from(grid.points),
    cells: grid.cells,
    zoneCells: centres.flatMap(([x, y], c) => (inZone(x, y) ? [c] : [])),
    interfaceNodes: interfaceOf(grid),
    facets: [
      { name: 'load', pairs: edge(nx, ny, 0) },
      { name: 'clamped', pairs: edge(nx, ny, nx) },
    ],
    probes: [
      { name: 'hole', point: [WIDTH / 2 - 0.033, HEIGHT / 2] },
      { name: 'behind', point: [WIDTH / 2 + 0.07, HEIGHT / 2 + 0.02] },
    ],
    modulus,
    modulusName: "Young's modulus",
    modulusIsRandom: true,
  }
}

const wave = (points: ArrayLike<number>, time: number): Float64Array =>
  Float64Array.from({ length: points.length / 2 }, (_, n) => {
    const r = Math.hypot(points[2 * n], points[2 * n + 1] - HEIGHT / 2)
    const front = r - 5200 * time
    return (
      1.3e-5 * Math.exp(-((front / 0.035) ** 2)) * (1 / (1 + 3 * r)) + 2e-6 * Math.exp(-(((front + 0.12) / 0.04) ** 2))
    )
  })

const FRAMES = 51
const times = Float64Array.from({ length: FRAMES }, (_, t) => t * 4e-6)

const historiesOf = (count: number, spread: number, first: number): Float64Array[] =>
  Array.from({ length: count }, (_, i) => {
    const [a, s, w] = normals(3, first + i)
    return times.map((t) => {
      const x = (t - 7e-5 - 6e-6 * s * spread) / (2.2e-5 + 2e-6 * w)
      return 9e-6 * (1 + 0.18 * a * spread) * (Math.exp(-x * x) - 0.45 * Math.exp(-((x - 1.9) ** 2)))
    })
  })

const MODELS = ['pca-gauss', 'residual-bootstrap', 'local-bootstrap', 'gan'] as const

const fan = (label: string, first: number): TraceFan => ({
  label,
  unit: 'm',
  times,
  real: historiesOf(40, 1, first),
  generated: (['gan', 'pca-gauss'] as const).map((model, k) => ({
    model,
    histories: historiesOf(40, k === 0 ? 0.97 : 1.25, first + 100 * (k + 1)),
  })),
})

interface Law {
  readonly name: string
  readonly label: string
  readonly unit: string
  readonly median: number
  readonly scatter: number
}
const LAWS: readonly Law[] = [
  { name: 'peak-stress', label: 'Peak von Mises stress at the hole', unit: 'Pa', median: 1.72e8, scatter: 0.16 },
  { name: 'peak-displacement', label: 'Peak displacement behind the hole', unit: 'm', median: 1.18e-5, scatter: 0.11 },
  { name: 'arrival', label: 'Arrival time at the hole', unit: 's', median: 6.4e-5, scatter: 0.04 },
]

const draws = (law: Law, n: number, index: number, bias: number): Float64Array =>
  normals(n, index).map((z) => law.median * (1 + bias) * Math.exp(law.scatter * (1 + 2 * bias) * z))

const mean = (x: ArrayLike<number>): number => Array.from(x).reduce((s, v) => s + v, 0) / x.length
const deviation = (x: ArrayLike<number>): number => {
  const m = mean(x)
  return Math.sqrt(Array.from(x).reduce((s, v) => s + (v - m) ** 2, 0) / (x.length - 1))
}

const convergenceOf = (x: Float64Array): QuantityPanel['convergence'] =>
  [10, 14, 20, 28, 40, 56, 80, 112, 160, 224, 320, 450, 640, 900, 1280, 1800, 2560, 4000]
    .filter((n) => n <= x.length)
    .map((n) => {
      const part = x.subarray(0, n)
      const half = (1.96 * deviation(part)) / Math.sqrt(n)
      return { n, mean: mean(part), low: mean(part) - half, high: mean(part) + half }
    })

const quantityOf = (law: Law, k: number): QuantityPanel => {
  const gan = draws(law, 4000, 10 * k + 1, 0.002)
  return {
    ...law,
    reference: draws(law, 1000, 10 * k, 0),
    byModel: MODELS.map((model, i) => ({
      model,
      values: model === 'gan' ? gan : draws(law, 1000, 10 * k + 2 + i, [-0.06, 0.04, 0.02][i]),
    })),
    convergence: convergenceOf(gan),
  }
}

const estimatesFrom = (law: Law, values: Float64Array, failed: number): EstimateRow[] => {
  const n = values.length
  const sorted = values.toSorted()
  const [m, s] = [mean(values), deviation(values)]
  const base = { qoi: law.name, level: 0.95, unit: law.unit, samples: n, failed }
  const half = (1.96 * s) / Math.sqrt(n)
  const q = sorted[Math.floor(0.95 * n)]
  const rank = Math.round(1.96 * Math.sqrt(n * 0.95 * 0.05))
  const threshold = law.median * 1.25
  const p = values.filter((v) => v > threshold).length / n
  const wide = 1.96 * Math.sqrt((p * (1 - p)) / n) + 1 / n
  return [
    { ...base, statistic: 'mean', value: m, interval: [m - half, m + half], method: 'Student t' },
    {
      ...base,
      statistic: 'standard deviation',
      value: s,
      interval: [s * 0.96, s * 1.043],
      method: 'studentised bootstrap of ln s² (999 resamples)',
    },
    {
      ...base,
      statistic: 'quantile 0.95',
      value: q,
      interval: [sorted[Math.floor(0.95 * n) - rank], sorted[Math.floor(0.95 * n) + rank]],
      method: 'order statistics',
    },
    {
      ...base,
      statistic: `P(Q > ${threshold} ${law.unit})`,
      value: p,
      interval: [Math.max(0, p - wide), p + wide],
      method: 'Clopper-Pearson',
      unit: '1',
    },
  ]
}

const panel = (name: string, description: string, samples: number, factor: number): ModelPanel => ({
  name,
  description,
  samples,
  meanKs: 0.039 * factor,
  metrics: [
    {
      key: 'quantityDeviationError',
      label: 'error of the standard deviations',
      value: 0.012 * factor,
      unit: '%',
      interval: [0.004, 0.02 * factor],
      note: 'mean over quantities',
    },
    { key: 'trace-mean', label: 'error of the trace mean', value: 0.008 * factor, unit: '%' },
    { key: 'trace-sd', label: 'error of the trace standard deviation', value: 0.013 * factor, unit: '%' },
    { key: 'energy', label: 'energy distance', value: 0.0031 * factor ** 2, unit: '1' },
    { key: 'nearest', label: 'nearest training run, ratio to real', value: 1 - 0.02 * factor, unit: '1' },
  ],
  ksByQuantity: LAWS.map((law, i) => ({ qoi: law.name, ks: (0.034 + 0.005 * i) * factor })),
})

const granularity = (label: string, width: number, mixed: boolean): GranularityRow => ({
  label,
  mixed,
  parameters: Math.round(9000 + 61_000 * width),
  flopsPerSample: Math.round(2 * (9000 + 61_000 * width)),
  microsecondsPerSample: 18 + 34 * width,
  energyDistance: 0.0033 + 0.0021 * (1 - width) ** 2 + (mixed ? 0.0004 : 0),
  meanKs: 0.042 + 0.02 * (1 - width) ** 2 + (mixed ? 0.002 : 0),
  correlation: 1 - 0.06 * (1 - width) - (mixed ? 0.01 : 0),
})

const ITERATIONS = Float64Array.from({ length: 200 }, (_, i) => 25 * (i + 1))
const decay = (from: number, to: number, rate: number, noise: number, index: number): Float64Array => {
  const z = normals(ITERATIONS.length, 5000 + index)
  return ITERATIONS.map((it, i) => to + (from - to) * Math.exp(-it / rate) + noise * z[i])
}

/** @param nx cells along the plate; 90 gives about 6,700 cells */
export const sampleReport = (nx = 24): ReportData => {
  const geometry = geometryOf(nx, Math.round((nx * 2) / 3))
  const quantities = LAWS.map(quantityOf)
  const reference = LAWS.flatMap((law, k) => estimatesFrom(law, quantities[k].reference as Float64Array, 0))
  const estimates = LAWS.flatMap((law, k) =>
    estimatesFrom(law, quantities[k].byModel[3].values as Float64Array, k === 1 ? 3 : 0),
  )
  return {
    title: 'Plate with a hole under a random pulse',
    summary: {
      headlines: [
        {
          label: 'Mean peak stress at the hole',
          value: '174.6 MPa',
          note: '95 % interval [173.7, 175.5] MPa, 4,000 samples',
        },
        { label: 'Recommended model', value: 'gan', note: 'mean KS 0.042, floor 0.039' },
        { label: 'Cost of one sample', value: '1.9 ms', note: '74 times less than a full-domain run' },
        { label: 'Worst quantity', value: '0.7 %', note: 'standard deviation of the arrival time' },
      ],
    },
    geometry,
    snapshots: [2e-5, 5e-5, 8e-5, 1.1e-4].map((time) => ({ time, nodal: wave(geometry.points, time) })),
    snapshotUnit: 'm',
    fans: [fan('Displacement u at interface node 12', 1000), fan('Displacement v at interface node 40', 2000)],
    floor: panel('real against real', 'two independent sets of real runs', 1000, 1),
    models: [
      panel('pca-gauss', 'Gaussian modes with mean and scale that depend on the load', 1000, 1.9),
      panel('residual-bootstrap', 'regression mean plus resampled residuals', 1000, 1.5),
      panel('local-bootstrap', 'residuals resampled among similar loads', 1000, 1.35),
      panel('gan', 'nested Wasserstein generator with a Gaussian tail', 4000, 1.08),
    ],
    recommended: 'gan',
    estimated: 'gan',
    recommendation:
      'It has the lowest mean KS on the validation runs (0.041), and no metric is worse than that of any baseline.',
    reduction: {
      modes: 128,
      energy: 0.9966,
      rows: [
        { modes: 32, energy: 0.968, quantityError: 0.17 },
        { modes: 64, energy: 0.988, quantityError: 0.11 },
        { modes: 128, energy: 0.9966, quantityError: 0.071 },
        { modes: 200, energy: 0.9989, quantityError: 0.047 },
      ],
    },
    quantities,
    estimates,
    reference,
    granularities: [
      granularity('1/8', 0.125, false),
      granularity('1/4', 0.25, false),
      granularity('1/2', 0.5, false),
      granularity('1', 1, false),
      granularity('1/4·1/2·1/4', 0.34, true),
      granularity('1/2·1·1/2', 0.66, true),
    ],
    training: {
      iterations: ITERATIONS,
      series: [
        { label: "critic's gap, training runs", values: decay(4, 0.6, 900, 0.06, 0) },
        { label: "critic's gap, validation runs", values: decay(4, 0.1, 700, 0.05, 1) },
        { label: 'sliced Wasserstein distance, validation runs', values: decay(0.5, 0.06, 600, 0.004, 2) },
      ],
      note: 'Weights of iteration 4,250 are used: the lowest sliced Wasserstein distance on the validation runs.',
    },
    timings: [
      { stage: 'training runs (full domain)', seconds: 131.2 },
      { stage: 'held-out runs (full domain)', seconds: 129.8 },
      { stage: 'reduction and baselines', seconds: 4.1 },
      { stage: 'generator training', seconds: 96.4 },
      { stage: 'submodel samples', seconds: 31.7 },
      { stage: 'statistics and report', seconds: 2.3 },
    ],
    warnings: ['The reduction changes the quantities of held-out runs by 7.1 % (warning level 5 %): keep more modes.'],
    provenance: {
      nestwave: '0.1.0',
      node: 'v24.21.0',
      executor: 'ONNX Runtime 1.30.0 (CPU)',
      seed: 20261,
      studyHash: '5f2c1d7be3a94e2d8f0b64c0a1e97d335c2b8f6e47a1d90c3be2f5a6871d4c90',
      command: 'npm run nestwave -- run study.json --out out/plate',
      entries: [
        { label: 'processor', value: 'AMD EPYC, 2 cores' },
        { label: 'mesh sha256', value: '0d4f0c7a' },
      ],
    },
    study: JSON.stringify(
      { nestwave: 1, title: 'Plate with a hole', domain: { mesh: 'meshes/plate-with-hole.msh' }, seed: 20261 },
      null,
      2,
    ),
  }
}
