import { modelStyles } from './colour.ts'
import { html, type Markup, NOTHING, raw } from './markup.ts'
import { presented } from './presented.ts'
import type { ReportData } from './report-data.ts'
import { type Section, sections, subtitle } from './sections.ts'
import { STYLE } from './style.ts'

/** A long value is set smaller: it stays on its line. */
const card = ({ label, value, note }: ReportData['summary']['headlines'][number]): Markup =>
  html`<div class="card" style="--n:${Math.max([...value].length, 1)}"><span>${label}</span><strong>${value}</strong><span>${note}</span></div>\n`

const warningsBox = (warnings: readonly string[]): Markup =>
  warnings.length === 0
    ? NOTHING
    : html`<div class="warnings" role="note"><b>Warnings</b><ul>${warnings.map((w) => html`<li>${w}</li>`)}</ul></div>`

const contents = (all: readonly Section[]): Markup =>
  html`<nav aria-label="Contents"><b>Contents</b><ol>${all.map((s) => html`<li><a href="#${s.id}">${s.title}</a></li>`)}</ol></nav>`

const section = ({ id, title, content }: Section): Markup =>
  html`<section id="${id}"><h2>${title}</h2>\n${content}</section>\n`

/** Opens the study file for printing in browsers whose style sheets cannot; nothing else on the page needs a script. */
const SCRIPT = `addEventListener('beforeprint',()=>document.querySelectorAll('details').forEach(d=>{d.open=true}))`

/**
 * The report as one self-contained HTML page: opens offline, asks nothing of any host, needs no script, prints on A4.
 * Failed samples and other non-finite numbers leave gaps; what has nothing finite to show says so.
 * @throws InvalidInput when the geometry cannot be drawn (a coordinate that is not finite)
 * @verifiedBy test/report/html.test.ts
 */
export const renderReport = (report: ReportData): string => {
  const data = presented(report)
  const styles = modelStyles(
    data.models.map((m) => m.name),
    data.recommended,
  )
  const all = sections(data, styles)
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Nestwave ${data.provenance.nestwave}">
<title>${data.title} – Nestwave report</title>
<style>${raw(STYLE)}</style>
</head>
<body><div class="page">
<header><h1>${data.title}</h1><p>${subtitle(data)}</p></header>
${contents(all)}
<main>
<div class="cards">${data.summary.headlines.map(card)}</div>
${warningsBox(data.warnings)}
${all.map(section)}
</main>
<footer>Nestwave ${data.provenance.nestwave} · study ${data.provenance.studyHash.slice(0, 12)} · seed ${data.provenance.seed}</footer>
</div>
<script>${raw(SCRIPT)}</script>
</body>
</html>
`.markup
}
