import { checkCount } from './range-check.ts'
import type { ReportJson } from './report-json.ts'
import type { Study } from './schema.ts'

/** What the models of finitely many atoms draw again and again. */
const REPEATED: Readonly<Record<string, string>> = {
  'residual-bootstrap': 'residuals',
  'local-bootstrap': 'residuals',
  'trace-replay': 'traces',
}
/** Fewer such events in the training runs than this, and their probability is a guess. */
const EVENTS = 10

/** What a reader must know before using a number of the report. */
export const warningsOf = (study: Study, report: Omit<ReportJson, 'warnings'>, withinTolerance: boolean): string[] => {
  const warnings: string[] = []
  const row = report.reduction.rows.find((r) => r.modes === report.reduction.modes)!
  if (!withinTolerance)
    warnings.push(
      `The reduction to ${row.modes} modes changes the quantities of interest by ${(100 * row.quantityError).toFixed(1)} % on average; the study asks for ${(100 * study.reduction.tolerance).toFixed(1)} %.`,
    )
  const outside = checkCount(study, report.range)
  if (outside !== null) warnings.push(outside)
  const repeated = REPEATED[report.model.name]
  if (repeated !== undefined)
    warnings.push(
      `${report.model.name} repeats the ${repeated} of ${study.dataset.train} training runs: its intervals count samples as if they were fresh, and are too narrow by what those runs leave unknown.`,
    )
  const rarest = EVENTS / study.dataset.train
  for (const e of report.estimates) {
    if (e.statistic.startsWith('P(') && e.value < rarest)
      warnings.push(
        `${e.qoi}, ${e.statistic}: below ${rarest} (ten in the ${study.dataset.train} training runs) the generator has not seen the event often enough to be trusted.`,
      )
    if (e.statistic === 'mean' && e.failed > 0)
      warnings.push(`${e.qoi}: ${e.failed} of ${e.failed + e.samples} submodel runs failed and are left out.`)
  }
  for (const e of report.reference)
    if (e.statistic === 'mean' && e.failed > 0)
      warnings.push(`${e.qoi}: ${e.failed} of ${e.failed + e.samples} held-out runs failed and are left out.`)
  return warnings
}
