import { sentenceCase } from './format.ts'
import type { ModelPanel, ReportData } from './report-data.ts'

/** A number stays on the line of its percent sign. */
const unbroken = (sentence: string): string => sentence.replace(/(\d) %/g, '$1\u00a0%')

const cased = <T extends { readonly label: string }>(item: T): T => ({ ...item, label: sentenceCase(item.label) })

const panel = (model: ModelPanel): ModelPanel => ({ ...model, metrics: model.metrics.map(cased) })

/** The same data with all labels in sentence case, whoever wrote them: names of models and quantities stay as keys. */
export const presented = (data: ReportData): ReportData => ({
  ...data,
  floor: panel(data.floor),
  models: data.models.map((m) => ({ ...panel(m), description: sentenceCase(m.description) })),
  quantities: data.quantities.map(cased),
  fans: data.fans.map(cased),
  timings: data.timings.map((t) => ({ ...t, stage: sentenceCase(t.stage) })),
  provenance: { ...data.provenance, entries: data.provenance.entries.map(cased) },
  geometry: {
    ...data.geometry,
    probes: data.geometry.probes.map((p) => ({ ...p, name: sentenceCase(p.name) })),
  },
  warnings: data.warnings.map((w) => unbroken(w)),
  recommendation: unbroken(data.recommendation),
})
