import type { ReportJson } from '../study/report-json.ts'

const number = (x: number): string => x.toPrecision(4)

/** The result in a few lines of a terminal. */
export const headlines = (report: ReportJson): string => {
  const means = report.estimates.filter((e) => e.statistic === 'mean')
  const reference = new Map(report.reference.filter((e) => e.statistic === 'mean').map((e) => [e.qoi, e]))
  const width = Math.max(...means.map((e) => e.qoi.length))
  const rows = means.map((e) => {
    const real = reference.get(e.qoi)!
    return `  ${e.qoi.padEnd(width)}  ${number(e.value)} [${e.interval.map(number).join(', ')}] ${e.unit}   held-out: ${number(real.value)} [${real.interval.map(number).join(', ')}]`
  })
  const models = Object.entries(report.traceModels).map(([name, m]) => `  ${name.padEnd(20)} ${m.meanKs.toFixed(3)}`)
  return [
    '',
    `recommended: ${report.recommended}`,
    report.recommendation,
    '',
    `mean, ${100 * means[0].level} % interval (${report.model.name}, ${means[0].samples} samples)`,
    ...rows,
    '',
    `mean KS distance to ${report.reference[0].samples} held-out full-domain runs (real against real: ${report.floor.meanKs.toFixed(3)})`,
    ...models,
    ...report.warnings.map((w) => `warning: ${w}`),
    '',
  ].join('\n')
}
