/** The page's whole style: dark on light, system fonts, a table of contents beside the text on wide screens, A4 in print. */
export const STYLE = `
:root { --ink: #1c2733; --muted: #5b6875; --rule: #d9dee4; --soft: #f4f6f8; --accent: #0072b2; --warn: #b4460b }
* { box-sizing: border-box }
html { color-scheme: light; scroll-behavior: smooth }
body { margin: 0; background: #fff; color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif }
svg text { font-family: inherit }
.page { max-width: 1180px; margin: 0 auto; padding: 0 28px 60px; display: grid; grid-template-columns: 200px minmax(0, 1fr); column-gap: 44px }
header, footer { grid-column: 1 / -1 }
header { border-bottom: 3px solid var(--accent); padding: 34px 0 18px; margin-bottom: 24px }
header p { margin: 4px 0 0; color: var(--muted) }
h1 { font-size: 30px; line-height: 1.2; margin: 0; letter-spacing: -.01em }
h2 { font-size: 21px; line-height: 1.3; margin: 46px 0 8px; padding-bottom: 5px; border-bottom: 1px solid var(--rule) }
h3 { font-size: 16px; margin: 26px 0 4px }
p { max-width: 74ch; margin: 8px 0 }
nav { position: sticky; top: 20px; align-self: start; font-size: 13.5px }
nav b { display: block; color: var(--muted); font-weight: 600; text-transform: uppercase; font-size: 11px; letter-spacing: .08em; margin-bottom: 6px }
nav ol { list-style: none; margin: 0; padding: 0; border-left: 2px solid var(--rule) }
nav a { display: block; padding: 4px 0 4px 12px; color: var(--ink); text-decoration: none }
nav a:hover { color: var(--accent) }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(210px, 1fr)); gap: 12px; margin: 0 0 8px }
.card { border: 1px solid var(--rule); border-top: 3px solid var(--accent); border-radius: 4px; padding: 12px 14px 11px; background: #fff }
.card span { display: block; font-size: 12.5px; color: var(--muted) }
.card strong { display: block; font-size: 22px; line-height: 1.25; margin: 3px 0 4px; font-weight: 650; letter-spacing: -.01em }
.recommended { border-left: 4px solid var(--accent); background: #eef5fa; padding: 10px 16px; margin: 14px 0; border-radius: 0 4px 4px 0 }
.recommended p { margin: 0 }
.warnings { border: 1px solid #e6b48f; border-left: 4px solid var(--warn); background: #fdf5ee; padding: 10px 16px; margin: 16px 0 0; border-radius: 4px }
.warnings ul { margin: 4px 0 0; padding-left: 20px }
.warnings b { color: var(--warn) }
figure { margin: 18px 0 22px; break-inside: avoid }
figure svg { display: block; width: 100%; height: auto }
figcaption { color: var(--muted); font-size: 13.5px; margin-top: 6px; max-width: 82ch }
.pair { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 26px; align-items: start }
.wide { overflow-x: auto; margin: 12px 0 20px }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; font-variant-numeric: tabular-nums lining-nums }
caption { text-align: left; font-weight: 600; padding: 0 0 5px }
th, td { padding: 5px 9px; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule) }
thead th { border-bottom: 1.5px solid var(--ink); font-weight: 600; vertical-align: bottom }
tbody th { font-weight: 500 }
th.n { text-align: right }
td.n { text-align: right; white-space: nowrap }
td small, th small { white-space: normal }
.nowrap, td small.nowrap, th small.nowrap { white-space: nowrap }
.narrow { max-width: 620px }
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
  nav { position: static; margin: 0 0 8px }
  nav ol { border: 0; columns: 2 }
  nav a { padding-left: 0 }
  .pair { grid-template-columns: minmax(0, 1fr) }
}
@media print {
  @page { size: A4; margin: 15mm 14mm 16mm }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact }
  body { font-size: 10pt }
  .page { display: block; max-width: none; padding: 0 }
  header { padding-top: 0 }
  nav { position: static; margin: 0 0 10px; break-inside: avoid }
  nav ol { border: 0; columns: 2 }
  nav a { padding: 1px 0 }
  h1 { font-size: 20pt }
  h2 { font-size: 14pt; margin-top: 22px; break-after: avoid }
  h3, caption, thead { break-after: avoid }
  p { break-inside: avoid }
  .cards { grid-template-columns: repeat(auto-fit, minmax(40mm, 1fr)) }
  section > p { break-after: avoid }
  figure svg { max-height: 108mm }
  .narrow svg { max-height: 80mm }
  .card strong { font-size: 14pt }
  .pair { grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 16px; break-inside: avoid }
  .wide { overflow: visible }
  table { font-size: 8.2pt }
  th, td { padding: 3px 5px }
  thead { display: table-header-group }
  tr, .wide, .card, .recommended, .warnings { break-inside: avoid }
  small, figcaption { font-size: 8.2pt }
  details { border: 0; padding: 0 }
  details::details-content { content-visibility: visible; block-size: auto }
  pre, code { font-size: 7.6pt }
}
`
