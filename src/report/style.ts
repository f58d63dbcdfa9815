/** The page's whole style: dark on light, system fonts, a table of contents beside the text on wide screens, A4 in print. */
export const STYLE = `
:root { --ink: #1c2733; --muted: #5b6875; --rule: #d9dee4; --soft: #f4f6f8; --accent: #0072b2; --warn: #b4460b }
* { box-sizing: border-box }
html { color-scheme: light; scroll-behavior: smooth }
body { margin: 0; background: #fff; color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif }
svg text { font-family: inherit }
.page { max-width: 1280px; margin: 0 auto; padding: 0 24px 60px; display: grid; grid-template-columns: 148px minmax(0, 1fr); column-gap: 32px }
header, footer { grid-column: 1 / -1 }
header { border-bottom: 3px solid var(--accent); padding: 34px 0 18px; margin-bottom: 24px }
header p { margin: 4px 0 0; color: var(--muted) }
h1 { font-size: 30px; line-height: 1.2; margin: 0; letter-spacing: -.01em }
h2 { font-size: 21px; line-height: 1.3; margin: 46px 0 8px; padding-bottom: 5px; border-bottom: 1px solid var(--rule) }
h3 { font-size: 16px; margin: 26px 0 4px }
p { max-width: 90ch; margin: 8px 0 }
nav { position: sticky; top: 20px; align-self: start; font-size: 13px }
nav b { display: block; color: var(--muted); font-weight: 600; text-transform: uppercase; font-size: 11px; letter-spacing: .08em; margin-bottom: 6px }
nav ol { list-style: none; margin: 0; padding: 0; border-left: 2px solid var(--rule) }
nav a { display: block; padding: 4px 0 4px 12px; color: var(--ink); text-decoration: none }
nav a:hover { color: var(--accent) }
.cards { display: flex; flex-wrap: wrap; gap: 12px; margin: 0 0 8px }
.card { flex: 1 1 180px; min-width: 0; container-type: inline-size; border: 1px solid var(--rule); border-top: 3px solid var(--accent); border-radius: 4px; padding: 12px 12px 11px; background: #fff }
.card span { display: block; font-size: 12.5px; color: var(--muted) }
.card strong { display: block; font-size: 20px; font-size: min(22px, calc(100cqi / var(--n) / .66)); line-height: 28px; overflow-wrap: anywhere; margin: 3px 0 4px; font-weight: 650; letter-spacing: -.01em }
.recommended { border-left: 4px solid var(--accent); background: #eef5fa; padding: 10px 16px; margin: 14px 0; border-radius: 0 4px 4px 0 }
.recommended p { margin: 0; max-width: none }
.warnings { border: 1px solid #e6b48f; border-left: 4px solid var(--warn); background: #fdf5ee; padding: 10px 16px; margin: 16px 0 0; border-radius: 4px }
.warnings ul { margin: 4px 0 0; padding-left: 20px }
.warnings b { color: var(--warn) }
figure { margin: 18px 0 22px; break-inside: avoid }
figure.grid { break-inside: auto }
.halves { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 14px 20px; margin-top: 14px }
.full > svg { margin-top: 14px }
figure.grid figcaption { margin: 4px 0 0 }
.grid svg { break-inside: avoid }
figure svg { display: block; width: 100%; height: auto }
figcaption { color: var(--muted); font-size: 13.5px; margin-top: 6px; max-width: 104ch }
.pair { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 26px; align-items: start }
.wide { overflow-x: auto; margin: 12px 0 20px }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; font-variant-numeric: tabular-nums lining-nums }
caption { text-align: left; font-weight: 600; padding: 0 0 5px }
th, td { padding: 5px 9px; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule) }
thead th { border-bottom: 1.5px solid var(--ink); font-weight: 600; vertical-align: bottom }
tbody th { font-weight: 500 }
sup { font-size: 10px; line-height: 0; color: var(--muted) }
.note { font-size: 12.5px; color: var(--muted); max-width: none; margin: -12px 0 20px }
.inset { display: block; padding-left: 14px }
.results th, .results td, .trust th, .trust td { padding: 3px 8px }
.results tbody, .trust tbody { border-bottom: 1.5px solid #9aa5b1 }
.results tbody td, .results tbody th[scope=row] { border-bottom-color: #eceff2 }
.results [scope=rowgroup] { width: 22%; font-weight: 600; padding-right: 14px }
.unit { display: block }
.mean td, .mean th { font-weight: 700; background: #f4f6f8 }
.mean td.strong { background: #dcebf6 }
.trust { font-size: 13px; table-layout: fixed }
.trust thead th { overflow-wrap: break-word }
.trust thead th:first-child { width: 27% }
.group th { font-weight: 700; padding-top: 12px }
th.n { text-align: right }
td.n { text-align: right; white-space: nowrap }
td small, th small { white-space: normal }
.nowrap, td small.nowrap, th small.nowrap { white-space: nowrap }
td.strong, th.strong { background: #eef5fa }
small { color: var(--muted); font-size: 12px; font-weight: 400 }
td code { overflow-wrap: anywhere }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 12.5px }
.agree { color: #00654a; white-space: nowrap }
.differ { color: var(--warn); white-space: nowrap }
details { border: 1px solid var(--rule); border-radius: 4px; padding: 9px 14px; margin: 14px 0 }
summary { cursor: pointer; font-weight: 600 }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 10px 0 0; line-height: 1.4 }
footer { color: var(--muted); font-size: 12.5px; border-top: 1px solid var(--rule); margin-top: 44px; padding-top: 12px }
@media (max-width: 1020px) {
  .page { display: block; padding: 0 18px 40px }
  nav { position: static; margin: 0 0 18px }
  .card { flex-basis: 220px }
  nav ol { border: 0; columns: 3 }
  nav a { padding-left: 0 }
  .results th, .results td, .trust th, .trust td { padding: 3px 5px }
  .trust, .results { font-size: 12.5px }
  .trust thead th { font-size: 11px }
  .trust thead small { font-size: 9px }
}
@media (max-width: 680px) {
  .pair, .halves { grid-template-columns: minmax(0, 1fr) }
}
@media print {
  @page { size: A4; margin: 15mm 14mm 16mm }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact }
  body { font-size: 10pt }
  .page { display: block; max-width: none; padding: 0 }
  header { padding-top: 0 }
  nav { position: static; margin: 0 0 10px; break-inside: avoid }
  nav ol { border: 0; columns: 3 }
  nav a { padding: 1px 0 }
  h1 { font-size: 20pt }
  h2 { font-size: 14pt; margin-top: 22px; break-after: avoid }
  h3, caption, thead { break-after: avoid }
  p { break-inside: avoid }
  .cards { gap: 6px }
  .card { flex-basis: 30mm; padding: 6px 8px }
  .card span { font-size: 7.8pt }
  section > p:not(.note), .recommended { break-after: avoid }
  figure svg { max-height: 120mm }
  .tall svg { max-height: 160mm }
  .halves { gap: 8px 14px; grid-template-columns: repeat(2, minmax(0, 1fr)) }
  .halves, .first { break-inside: avoid }
  .halves, .full > svg { margin-top: 5px }
  .card strong { font-size: min(14pt, calc(100cqi / var(--n) / .66)); line-height: 15pt }
  .pair { grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 16px; break-inside: avoid }
  .wide { overflow: visible }
  table { font-size: 8.2pt }
  th, td { padding: 3px 5px }
  thead { display: table-header-group }
  .results { font-size: 7.7pt }
  .results th, .results td { padding: 1.5px 4px }
  .trust th, .trust td { padding: 2px 4px }
  .trust { font-size: 7.8pt }
  .trust thead th { font-size: 7pt }
  .trust thead small { font-size: 6.6pt }
  .note { font-size: 7.8pt; margin-top: -8px; break-before: avoid }
  tr, tbody, .card, .recommended, .warnings { break-inside: avoid }
  small, figcaption { font-size: 8.2pt }
  p { max-width: none }
  figcaption { max-width: none }
  details { border: 0; padding: 0 }
  details::details-content { content-visibility: visible; block-size: auto }
  pre, code { font-size: 6.9pt }
  figure { margin: 10px 0 12px }
  footer { break-before: avoid; margin-top: 16px }
}
`
