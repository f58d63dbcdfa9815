/** Dark on light, system fonts, the list of operations beside the text on wide screens, A4 in print. */
export const DOCS_STYLE = `
:root { --ink: #1c2733; --muted: #5b6875; --rule: #d9dee4; --soft: #f4f6f8; --accent: #0072b2;
  --get: #0072b2; --post: #1b7f4b; --put: #9a5b00; --delete: #b3261e }
* { box-sizing: border-box }
html { color-scheme: light; scroll-behavior: smooth; scroll-padding-top: 16px }
body { margin: 0; background: #fff; color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace; font-size: .875em }
a { color: var(--accent); text-decoration: none }
a:hover { text-decoration: underline }
small { color: var(--muted); font-size: .87em }
.page { max-width: 1320px; margin: 0 auto; padding: 0 28px 60px; display: grid; grid-template-columns: 264px minmax(0, 1fr); column-gap: 44px }
header, footer { grid-column: 1 / -1 }
header { border-bottom: 3px solid var(--accent); padding: 34px 0 18px; margin-bottom: 28px }
header p { margin: 6px 0 0; color: var(--muted); max-width: 90ch }
h1 { font-size: 30px; line-height: 1.2; margin: 0; letter-spacing: -.01em }
h1 small { font-size: 15px; font-weight: 500; letter-spacing: 0; margin-left: 8px }
h2 { font-size: 22px; line-height: 1.3; margin: 48px 0 6px; padding-bottom: 6px; border-bottom: 1px solid var(--rule) }
main > section:first-child h2 { margin-top: 0 }
h3 { font-size: 16px; margin: 0; font-weight: 600 }
h4 { font-size: 11.5px; margin: 20px 0 4px; color: var(--muted); text-transform: uppercase; letter-spacing: .07em; font-weight: 600 }
p { max-width: 90ch; margin: 8px 0 }
nav { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow-y: auto; padding: 4px 4px 24px 0; font-size: 13px; scrollbar-width: thin }
nav b { display: block; color: var(--muted); font-weight: 600; text-transform: uppercase; font-size: 11px; letter-spacing: .07em; margin: 18px 0 5px }
nav b:first-child { margin-top: 0 }
nav ul { list-style: none; margin: 0; padding: 0 }
nav a { display: grid; grid-template-columns: 52px minmax(0, 1fr); align-items: baseline; padding: 3px 0; color: var(--ink); line-height: 1.35 }
nav a.plain { display: block; overflow-wrap: anywhere }
nav a:hover { color: var(--accent); text-decoration: none }
nav .method { font-size: 10px; background: none; padding: 0; color: var(--colour); text-align: left; min-width: 0 }
.get { --colour: var(--get) } .post { --colour: var(--post) } .put { --colour: var(--put) } .delete { --colour: var(--delete) }
.method { display: inline-block; min-width: 62px; padding: 3px 8px; border-radius: 4px; background: var(--colour); color: #fff; text-align: center;
  font: 700 12px/1.4 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; letter-spacing: .02em }
.operation { border: 1px solid var(--rule); border-left: 4px solid var(--colour); border-radius: 5px; padding: 16px 20px 18px; margin: 18px 0 }
.operation:target, .schema:target { box-shadow: 0 0 0 3px #cfe4f3 }
.line { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 12px; margin-bottom: 8px }
.line code { font-size: 15px; font-weight: 600; overflow-wrap: anywhere }
.line .scope { margin-left: auto; color: var(--muted); font-size: 12.5px; border: 1px solid var(--rule); border-radius: 20px; padding: 1px 10px }
.line var { font-style: normal; color: var(--accent) }
.wide { overflow-x: auto; margin: 6px 0 0 }
table { border-collapse: collapse; width: 100%; font-size: 13.5px }
th, td { padding: 5px 12px 5px 0; text-align: left; vertical-align: top; border-bottom: 1px solid #e9edf0 }
th:last-child, td:last-child { padding-right: 0 }
thead th { color: var(--muted); font-weight: 500; font-size: 12px; border-bottom: 1px solid var(--rule); padding-bottom: 3px }
tbody th { font-weight: 500 }
tbody tr:last-child > * { border-bottom: 0 }
.fields th:first-child { width: 27% } .fields th:nth-child(2) { width: 27% } .fields th:nth-child(3) { width: 8% }
.fields th code { overflow-wrap: anywhere }
.fields td { overflow-wrap: break-word }
.variant td { padding-top: 1px; color: var(--muted) }
tr:has(+ .variant) > * { border-bottom: 0 }
.variant:has(+ .variant) > * { border-bottom: 0 }
.unit { white-space: nowrap }
.field { white-space: nowrap }
.required { color: var(--delete); margin-left: 2px; font-weight: 700 }
.responses > tbody > tr > th { width: 56px; font-variant-numeric: tabular-nums }
.responses > tbody > .ok > th { color: var(--post); font-weight: 700 }
.refusals td { color: var(--muted) }
pre { background: var(--soft); border: 1px solid var(--rule); border-radius: 5px; padding: 12px 14px; margin: 6px 0 0; overflow: auto; max-height: 420px;
  font-size: 12.5px; line-height: 1.5; tab-size: 2; user-select: all }
details { margin: 8px 0 0 }
summary { cursor: pointer; font-size: 13.5px }
summary:hover { color: var(--accent) }
.schema { padding: 4px 0 10px; margin: 14px 0; border-radius: 4px }
.schema h3 code { font-size: 15px }
footer { color: var(--muted); font-size: 12.5px; border-top: 1px solid var(--rule); margin-top: 44px; padding-top: 12px }
@media (max-width: 960px) {
  .page { display: block; padding: 0 18px 40px }
  nav { position: static; max-height: none; columns: 2; margin-bottom: 24px }
  .operation { padding: 14px }
}
@media (max-width: 560px) { nav { columns: 1 } .line .scope { margin-left: 0 } }
@media print {
  @page { size: A4; margin: 15mm 14mm 16mm }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact }
  body { font-size: 9.5pt }
  .page { display: block; max-width: none; padding: 0 }
  header { padding-top: 0 }
  nav { position: static; max-height: none; overflow: visible; columns: 2; break-after: page }
  h2, h3, h4, thead, .line { break-after: avoid }
  tr, p { break-inside: avoid }
  thead { display: table-header-group }
  table { font-size: 8.2pt }
  pre { max-height: none; overflow: visible; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 7.6pt }
  .wide { overflow: visible }
  .field { white-space: normal }
  details::details-content { content-visibility: visible; block-size: auto }
}
`
