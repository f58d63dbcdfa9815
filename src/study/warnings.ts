import type { ReportJson } from './report-json.ts'
import type { Study } from './schema.ts'

const ATOMS: readonly string[] = ['local-bootstrap', 'trace-replay']
const EVENTS = 10

/** What a reader must know before using a number of the report. */
export const warningsOf = (study: Study, report: Omit<ReportJson, 'warnings'>, withinTolerance: boolean): string[] => {
  const warnings: string[] = []
  const row = report.reduction.rows.find((r) => r.modes === report.reduction.modes)!
  if (!withinTolerance)
    warnings.push(
      `The reduction to ${row.modes} modes changes the quantities of interest by ${(100 * row.quantityError).toFixed(1)} % on average; the study asks for ${(100 * study.reduction.tolerance).toFixed(1)} %.`,
    )
  if (ATOMS.includes(report.model.name))
    warnings.push(
      `${report.model.name} repeats the stored traces of ${study.dataset.train} runs: its intervals count samples as if they were fresh, and are too narrow by what those runs leave unknown.`,
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
