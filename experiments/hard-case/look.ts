/**
 * The law of the traces before any model sees it: `node experiments/hard-case/look.ts [FIGURE.svg]` makes 200 training runs, about 20 s,
 * and asks whether cracked and whole plates are two modes of it.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fitConditionalLaw, standardise, whiten } from '../../src/generative/conditional-law.ts'
import { fitDiscriminant, scoresOf } from '../../src/generative/discriminant.ts'
import { type Sample, sampleOf } from '../../src/generative/distances.ts'
import { chart, chartGrid, gridHeight } from '../../src/report/axes.ts'
import { histogramDensity, sortedFinite } from '../../src/report/statistics.ts'
import { figureSvg, linePath, path } from '../../src/report/svg.ts'
import { loadStudy } from '../../src/runtime/study-file.ts'
import { checkOnMesh } from '../../src/study/check.ts'
import { defectSampler } from '../../src/study/defect.ts'
import { fullDomainTask } from '../../src/study/full-domain-task.ts'
import { conditionCount, conditionsOf, loadSampler } from '../../src/study/law.ts'
import { traceGridOf } from '../../src/study/submodel-task.ts'
import { encodeBatch } from '../../src/trace/codec.ts'
import { fitReduction } from '../../src/trace/reduction.ts'
import { moments } from '../../src/uq/mean.ts'

const COUNT = 200
const MODES = 24
/** Few enough for 200 runs. */
const WHITE = 12
const FOLDS = 5
const COLOURS = { whole: '#0072b2', cracked: '#d55e00' } as const

const { study, mesh } = await loadStudy(join(import.meta.dirname, 'study.json'))
const domain = checkOnMesh(study, mesh)
const prepared = fullDomainTask.prepare({ study, mesh, time: domain.spec.time })
const { data } = fullDomainTask.run(prepared, { path: '', start: 0, count: COUNT, split: 'train' })
const grid = traceGridOf(domain)
const traces = data['traces'] as Float32Array
const crack = defectSampler(study, 'train')
const cracked = Array.from({ length: COUNT }, (_, i) => crack(i) !== null)

/** Leading whitened modes given θ. */
const whiteRows = (): Sample => {
  const batch = { grid, count: COUNT, values: traces }
  const reduction = fitReduction(batch, { modes: MODES, seed: study.seed })
  const conditions = conditionsOf(
    study,
    Array.from({ length: COUNT }, (_, i) => loadSampler(study, 'train')(i)),
  )
  const coefficients = encodeBatch(reduction, batch)
  const sizes = { count: COUNT, conditionCount: conditionCount(study), modes: MODES }
  const law = fitConditionalLaw({ ...sizes, conditions, coefficients })
  const white = whiten(law, standardise(law, conditions, coefficients, COUNT), COUNT)
  return sampleOf(
    white.filter((_, at) => at % MODES < WHITE),
    WHITE,
  )
}

const pick = ({ rows, width }: Sample, members: readonly number[]): Sample =>
  sampleOf(Float64Array.from(members.flatMap((n) => [...rows.subarray(n * width, (n + 1) * width)])), width)

/** Score of every run by a discriminant that has not seen it. */
const heldOutScores = (x: Sample): Float64Array => {
  const scores = new Float64Array(COUNT)
  for (let fold = 0; fold < FOLDS; fold++) {
    const all = Array.from({ length: COUNT }, (_, n) => n)
    const [seen, held] = [all.filter((n) => n % FOLDS !== fold), all.filter((n) => n % FOLDS === fold)]
    const discriminant = fitDiscriminant(
      pick(x, seen),
      seen.map((n) => cracked[n]),
    )
    scoresOf(discriminant, pick(x, held)).forEach((s, k) => {
      scores[held[k]] = s
    })
  }
  return scores
}

/** (skewness² + 1) / kurtosis: 1/3 for a normal law, 5/9 for a uniform one, 1 for two points. */
const bimodality = (values: ArrayLike<number>): number => {
  const list = Array.from(values)
  const mean = list.reduce((a, b) => a + b, 0) / list.length
  const central = (k: number): number => list.reduce((sum, v) => sum + (v - mean) ** k, 0) / list.length
  return (central(3) ** 2 / central(2) ** 3 + 1) / (central(4) / central(2) ** 2)
}

const scores = heldOutScores(whiteRows())
const classes = [false, true].map((label) => scores.filter((_, n) => cracked[n] === label))
const wrong = cracked.filter((label, n) => scores[n] > 0 !== label).length
for (const [k, name] of ['whole', 'cracked'].entries()) {
  const { mean, variance } = moments(classes[k])
  console.log(`${name}: ${classes[k].length} runs, score ${mean.toFixed(2)} ± ${Math.sqrt(variance).toFixed(2)}`)
}
console.log(`on the wrong side: ${wrong} of ${COUNT}`)
console.log(`bimodality coefficient of the score: ${bimodality(scores).toFixed(2)} (normal 0.33, uniform 0.56)`)
const quantities = data['quantities'] as Float64Array
study.quantities.forEach(({ name }, q) => {
  const [a, b] = [false, true].map((label) =>
    moments(
      Array.from({ length: COUNT }, (_, n) => n).flatMap((n) =>
        cracked[n] === label ? [quantities[n * study.quantities.length + q]] : [],
      ),
    ),
  )
  const gap = (b.mean - a.mean) / Math.sqrt((a.variance + b.variance) / 2)
  console.log(
    `${name}: ${a.mean.toPrecision(3)} whole, ${b.mean.toPrecision(3)} cracked, ${gap.toFixed(1)} standard deviations apart`,
  )
})

const BINS = 36
const DOMAIN: readonly [number, number] = [-3, 3]
const HISTORIES = 12

const scorePanel = (box: Parameters<typeof chart>[0]): string => {
  const densities = classes.map((c) => histogramDensity(sortedFinite(c), DOMAIN, BINS))
  const top = 1.08 * Math.max(...densities.flatMap((d) => [...d]))
  const x = { label: 'score by a discriminant that has not seen the run', unit: '1', domain: DOMAIN }
  const c = chart(
    box,
    x,
    { label: 'density', unit: '1', domain: [0, top], ticks: 4 },
    `${COUNT} runs, whole and cracked`,
  )
  const step = (DOMAIN[1] - DOMAIN[0]) / BINS
  const stairs = (d: Float64Array): string =>
    linePath(
      [...d].flatMap((_, k) => [DOMAIN[0] + k * step, DOMAIN[0] + (k + 1) * step]).map(c.x),
      [...d].flatMap((v) => [v, v]).map(c.y),
    )
  const lines = [COLOURS.whole, COLOURS.cracked].map((stroke, k) =>
    path(stairs(densities[k]), { stroke, 'stroke-width': 1.8 }),
  )
  return c.frame + c.marks(...lines)
}

/** Displacement in x of the node of Γ nearest to the load, a few runs of either kind. */
const tracePanel = (box: Parameters<typeof chart>[0]): string => {
  const nodes = grid.points.length / 2
  const node = Array.from({ length: nodes }, (_, n) => n).reduce((a, b) => {
    const far = (n: number): number => grid.points[2 * n] + 0.1 * Math.abs(grid.points[2 * n + 1] - 0.2)
    return far(b) < far(a) ? b : a
  })
  const size = grid.frames * nodes * grid.components
  const history = (n: number): number[] =>
    Array.from({ length: grid.frames }, (_, t) => traces[n * size + (t * nodes + node) * grid.components])
  const shown = [false, true].map((label) =>
    [...cracked.keys()].filter((n) => cracked[n] === label).slice(0, HISTORIES),
  )
  const values = shown.flat().flatMap(history)
  const times = Array.from({ length: grid.frames }, (_, t) => t * grid.frameStep)
  const c = chart(
    box,
    { label: 'time', unit: 's', domain: [0, times.at(-1)!] },
    { label: 'displacement in x', unit: 'm', domain: [Math.min(...values), Math.max(...values)], ticks: 4 },
    `left side of the zone, ${HISTORIES} runs of either kind`,
  )
  const lines = [COLOURS.whole, COLOURS.cracked].flatMap((stroke, k) =>
    shown[k].map((n) => path(linePath(times.map(c.x), history(n).map(c.y)), { stroke, 'stroke-width': 1 })),
  )
  return c.frame + c.marks(...lines)
}

const [figure] = process.argv.slice(2)
if (figure !== undefined) {
  const [width, height] = [860, 150]
  const [left, right] = chartGrid(width, 2, 2, height)
  const title = 'Real traces of the hard case: whole plates blue, cracked ones red'
  const svg = figureSvg(width, gridHeight(2, 2, height), title, scorePanel(left), tracePanel(right))
  mkdirSync(dirname(resolve(figure)), { recursive: true })
  writeFileSync(figure, svg.replace('<svg', '<svg font-family="system-ui, sans-serif" style="background:#fff"'))
}
