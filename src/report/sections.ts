import type { ModelStyle } from './colour.ts'
import { convergenceFigure, convergenceLegend } from './figures/convergence.ts'
import { distributionFigure, distributionLegend } from './figures/distribution.ts'
import { fanFigure, fanLegend } from './figures/fans.ts'
import { fieldsFigure } from './figures/fields.ts'
import { geometryFigure } from './figures/geometry.ts'
import { granularityFigure } from './figures/granularity.ts'
import { ksFigure } from './figures/ks-dots.ts'
import { reductionFigure } from './figures/reduction.ts'
import { timingsFigure } from './figures/timings.ts'
import { trainingFigures } from './figures/training.ts'
import { formatCount, formatNumber, formatPercent } from './format.ts'
import { figure, figureGrid, html, type Markup, NOTHING } from './markup.ts'
import type { QuantityPanel, ReportData } from './report-data.ts'
import { resultsTable } from './results-table.ts'
import { studyText } from './study-text.ts'
import { granularityTable, modelTable, provenanceTable, reductionTable } from './tables.ts'
import { trustTable } from './trust-table.ts'

/** One section of the page: its anchor, its title in the table of contents, its content. */
export interface Section {
  readonly id: string
  readonly title: string
  readonly content: Markup
}

type Styles = ReadonlyMap<string, ModelStyle>

const estimatedModel = ({ estimated, recommended }: ReportData): Markup =>
  estimated === recommended
    ? html`the recommended model <b>${estimated}</b>`
    : html`<b>${estimated}</b>, as the study asks (recommended: ${recommended})`

const results = (data: ReportData): Section => ({
  id: 'results',
  title: 'Results',
  content: html`<p>Statistics of the quantities of interest by Monte Carlo on the submodel, driven by histories of
${estimatedModel(data)}, beside fresh full-domain runs that took no part in training or choice of model. The intervals hold the error of
sampling only: what the reduction, the trace model and the number of its training runs add is not in them.
“Overlap” means that the two intervals share a point; it does not prove that the laws are equal.</p>
${resultsTable(data)}`,
})

const floorOf = ({ floor }: ReportData, { name }: QuantityPanel): number =>
  floor.ksByQuantity.find((k) => k.qoi === name)?.ks ?? Number.NaN

const distributionGrid = (data: ReportData, styles: Styles): Markup =>
  figureGrid(
    distributionLegend(data.quantities[0], styles),
    data.quantities.map((q) => distributionFigure(q, styles, data.recommended, floorOf(data, q))),
    'Upper: density of the full-domain reference (grey) and of the models to look at first, from 0.1 to 99.9 % of each sample. Lower: how far the distribution function F(x) = P(Q ≤ x) of every model lies from the reference’s; what stays in the grey band is no farther off than two sets of real runs from each other.',
  )

const convergenceGrid = (data: ReportData): Markup =>
  figureGrid(
    convergenceLegend(data.estimated),
    data.quantities.filter((q) => q.convergence.length > 0).map((q) => convergenceFigure(q, data.reference)),
    'Each interval holds its level at its own sample size, not along the whole curve. No estimate can be compared more finely than the grey band, the interval of the reference’s mean.',
  )

const distributions = (data: ReportData, styles: Styles): Section => ({
  id: 'distributions',
  title: 'Distributions and convergence',
  content: html`${data.quantities.length > 0 ? distributionGrid(data, styles) : NOTHING}
<h3>Running mean at growing sample size</h3>
${convergenceGrid(data)}`,
})

const trust = (data: ReportData, styles: Styles): Section => {
  const labels = new Map(data.quantities.map((q) => [q.name, q.label]))
  return {
    id: 'trust',
    title: 'Trust in the trace models',
    content: html`<div class="recommended"><p><b>Recommended: ${data.recommended}.</b> ${data.recommendation}</p></div>
<p>The quantities are judged against the held-out full-domain runs, the boundary histories against the validation runs, which also chose
the model and the generator's weights. The floor is what two independent sets of real runs give: a model at the floor cannot be told from
reality with this much data. Histories are generated at the load parameters of the validation runs themselves; where those explain most, their
numbers can lie below the floor, whose runs have load parameters of their own.</p>
${trustTable(data)}
${figure(
  ksFigure(data.floor, data.models, labels, styles),
  'Largest gap between the distribution functions of a model and of the held-out runs; the black mark is the floor.',
)}
${modelTable(data.models, data.recommended)}`,
  }
}

const causality = ({ reduction: { beforeArrival } }: ReportData): Markup =>
  beforeArrival === undefined
    ? NOTHING
    : html`Generated histories are held at zero where no wave can have come yet; real ones have ${formatNumber(beforeArrival, 2)} of their energy
there.`

const histories = (data: ReportData, styles: Styles): Section => ({
  id: 'histories',
  title: 'Boundary histories',
  content: html`${figureGrid(
    fanLegend(),
    data.fans.map((fan) => fanFigure(fan, styles)),
    'Histories at the interface over time: validation runs of the full domain and runs of each model beside them, on the same axes.',
    'full',
  )}
<h3>Reduction</h3>
<p>A history is reduced to ${formatCount(data.reduction.modes)} modes, which keep ${formatPercent(data.reduction.energy, 4)} of the energy of the
training histories. What counts is the error of the quantities when real histories of validation runs go through reduction and submodel.
${causality(data)}</p>
<div class="pair">${figure(reductionFigure(data.reduction), 'Error against the number of modes, both axes logarithmic.')}
${reductionTable(data.reduction)}</div>`,
})

const problem = (data: ReportData): Section => ({
  id: 'problem',
  title: 'The problem',
  content: html`${figure(
    geometryFigure(data.geometry),
    `Mesh of ${formatCount(data.geometry.cells.length)} cells and ${formatCount(data.geometry.points.length / 2)} nodes. The submodel is the zone of interest; the boundary histories act on its interface.`,
  )}
${figure(
  fieldsFigure(data),
  `${data.geometry.modulusName} of one full-domain run, ${data.geometry.modulusIsRandom ? 'random outside the zone of interest (outlined)' : 'with the zone of interest outlined'}, and its wave at a few times on one colour scale.`,
  'tall',
)}`,
})

const granularity = (data: ReportData): Section => ({
  id: 'granularity',
  title: 'Granularity of the generator',
  content: html`<p>The generator is nested: each narrower network is a part of the widest one and was trained with it. Mixed widths were never
trained as such. Correlation compares each quantity with the full generator at the same conditions and latent numbers.</p>
${figure(granularityFigure(data.granularities, data.floor.meanKs), 'Cost of one generated sample against quality; lower is better in the first two, higher in the third. Dashed: the floor, real against real.')}
${granularityTable(data.granularities)}`,
})

const cost = (data: ReportData): Section => ({
  id: 'cost',
  title: 'Training and cost',
  content: html`${figureGrid('', trainingFigures(data.training), data.training.note)}
${figure(timingsFigure(data.timings), 'Where the time went, stage by stage.')}`,
})

const repeat = (data: ReportData): Section => ({
  id: 'repeat',
  title: 'How to repeat it',
  content: html`<p>The same study file, seed and version give the same numbers on any number of workers of the same kind of processor. Times are never part
of the comparison.</p>
${provenanceTable(data.provenance)}
<details id="study"><summary>Study file as run</summary><pre>${studyText(data.study)}</pre></details>`,
})

/** All sections in reading order: the problem, the answers, why to believe them, how they came about. */
export const sections = (data: ReportData, styles: Styles): readonly Section[] => [
  problem(data),
  results(data),
  distributions(data, styles),
  histories(data, styles),
  trust(data, styles),
  ...(data.granularities.length > 0 ? [granularity(data)] : []),
  cost(data),
  repeat(data),
]

/** The line under the title. */
export const subtitle = (data: ReportData): string => {
  const floor = formatNumber(data.floor.meanKs, 2)
  const own = data.models.find((m) => m.name === data.recommended)
  return own === undefined
    ? `Recommended trace model: ${data.recommended}`
    : `Recommended trace model: ${data.recommended} – held-out mean KS ${formatNumber(own.meanKs, 2)} (floor ${floor})`
}
