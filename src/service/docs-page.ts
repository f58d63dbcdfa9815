import { html, type Markup, NOTHING, raw } from '../report/markup.ts'
import { curlOf } from './docs-curl.ts'
import { anchorOf, fieldTable, nameOf, prose, type Schema, schemaTable, typeOf } from './docs-schema.ts'
import { DOCS_STYLE } from './docs-style.ts'
import type { OpenApiDocument } from './openapi.ts'

/** What the page reads of an OpenAPI document. */
interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly description?: string
  readonly schema?: Schema
}
interface Media {
  readonly schema?: Schema
  readonly examples?: Readonly<Record<string, { readonly summary?: string; readonly value?: unknown }>>
}
interface Response {
  readonly $ref?: string
  readonly description?: string
  readonly content?: Readonly<Record<string, Media>>
  readonly headers?: Readonly<Record<string, { readonly description?: string }>>
}
interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description?: string
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly required?: boolean; readonly content: Readonly<Record<string, Media>> }
  readonly responses: Readonly<Record<string, Response>>
}
interface Document {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string }
  readonly servers: readonly { readonly url: string }[]
  readonly tags: readonly { readonly name: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>
    readonly responses: Readonly<Record<string, Response>>
  }
}
interface Place {
  readonly path: string
  readonly method: string
  readonly operation: Operation
}

/** Enough for a page without scripts, pictures and requests; send it as Content-Security-Policy. */
export const DOCS_CSP =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const anchor = ({ operation }: Place): string => `operation-${operation.operationId}`
const badge = ({ method }: Place): Markup => html`<span class="method">${method.toUpperCase()}</span>`

/** A break may come after every slash; what is to be filled in stands out. */
const pathMarkup = (path: string): Markup =>
  html`${path.split(/(\{\w+\})/).map((part) => (part.startsWith('{') ? html`<var>${part}</var>` : html`${raw(html`${part}`.markup.replaceAll('/', '/<wbr>'))}`))}`

const scopeOf = ({ security }: Operation): string => security.flatMap((s) => Object.values(s).flat()).join(', ')

const fieldOf = ({ name, schema = {}, description, required = false }: Parameter) =>
  ({ name, required, schema: { ...schema, ...(description === undefined ? {} : { description }) } }) as const

const parameters = ({ parameters: all = [] }: Operation): Markup[] =>
  (['path', 'query', 'header'] as const).map((where) => {
    const some = all.filter((p) => p.in === where)
    return some.length === 0 ? NOTHING : html`<h4>${where} parameters</h4>${fieldTable(some.map(fieldOf))}`
  })

const exampleOf = ({ operation }: Place, name: string): string => {
  const { example } = (operation.parameters?.find((p) => p.name === name)?.schema ?? {}) as { example?: unknown }
  return typeof example === 'string' ? example : name.toUpperCase()
}

/** A document that does not know its server's address leaves it to the reader's environment. */
const isAbsolute = (server: string): boolean => /^https?:/.test(server)
const SERVER = '$NESTWAVE_SERVER'
const addressOf = (server: string, place: Place): string =>
  (isAbsolute(server) ? server.replace(/\/$/, '') : SERVER) +
  place.path.replaceAll(/\{(\w+)\}/g, (_, name) => exampleOf(place, name))

const command = (server: string, place: Place, contentType?: string, value?: unknown): Markup => {
  const { method, operation } = place
  const body = contentType === undefined ? {} : { body: { contentType, value } }
  return html`<pre><code>${curlOf({ method, url: addressOf(server, place), withKey: scopeOf(operation) !== '', ...body })}</code></pre>\n`
}

const bodyMarkup = (content: Readonly<Record<string, Media>>, required: boolean): Markup[] =>
  Object.entries(content).map(([type, { schema }]) => {
    const fields = schema && !schema.$ref ? schemaTable(schema) : NOTHING
    const is = schema?.$ref ? html`: ${typeOf(schema)}` : NOTHING
    return html`<h4>body</h4><p><code>${type}</code>${is}${required ? '' : ' (may be left out)'}</p>${fields}`
  })

const examples = (server: string, place: Place): Markup => {
  const [type, media] = Object.entries(place.operation.requestBody?.content ?? {})[0] ?? []
  const all = Object.values(media?.examples ?? {})
  if (all.length === 0) return html`<h4>request</h4>${command(server, place, type)}`
  const one = ({ summary = 'example', value }: (typeof all)[number], k: number): Markup =>
    html`<details${raw(k === 0 ? ' open' : '')}><summary>${summary}</summary>${command(server, place, type, value)}</details>\n`
  return html`<h4>${all.length === 1 ? 'request' : 'requests'}</h4>${all.map(one)}`
}

const contentMarkup = ({ content = {} }: Response): Markup[] =>
  Object.entries(content).map(([type, { schema }]) => {
    const named =
      schema && (schema.$ref || schema.anyOf || schema.type === 'array') ? html`: ${typeOf(schema)}` : NOTHING
    const fields = schema?.properties ? schemaTable(schema) : NOTHING
    return html`<br><small><code>${type}</code></small>${named}${fields}`
  })

const headersMarkup = ({ headers = {} }: Response): Markup[] =>
  Object.entries(headers).map(
    ([name, { description = '' }]) => html`<br><small>header <code>${name}</code>: ${description}</small>`,
  )

const resolved = (document: Document, response: Response): Response =>
  response.$ref ? (document.components.responses[nameOf(response.$ref)] ?? response) : response

const responseRow = (status: string, response: Response): Markup =>
  html`<tr class="${Number(status) < 400 ? 'ok' : 'refused'}"><th scope="row">${status}</th><td>${prose(response.description ?? '')}${contentMarkup(response)}${headersMarkup(response)}</td></tr>\n`

/** What every operation may refuse is told once, and named here. */
const sharedLine = (shared: readonly string[]): Markup =>
  shared.length === 0
    ? NOTHING
    : html`<tr class="refusals"><th scope="row"></th><td>and ${shared.map((s, k) => html`${k > 0 ? ', ' : ''}<a href="#refusal-${s}">${s}</a>`)}</td></tr>`

const responses = ({ responses: all }: Operation): Markup => {
  const own = Object.entries(all).filter(([, response]) => !response.$ref)
  const shared = Object.keys(all).filter((status) => all[status].$ref)
  return html`<h4>responses</h4><div class="wide"><table class="responses"><tbody>${own.map(([s, r]) => responseRow(s, r))}${sharedLine(shared)}</tbody></table></div>`
}

const operationMarkup = (server: string, place: Place): Markup => {
  const { operation, path, method } = place
  const scope = scopeOf(operation)
  return html`<article class="operation ${method}" id="${anchor(place)}">
<div class="line">${badge(place)} <code>${pathMarkup(path)}</code> <span class="scope">${scope === '' ? 'open to all' : `scope ${scope}`}</span></div>
<h3>${operation.summary}</h3>
${operation.description === undefined ? NOTHING : html`<p>${prose(operation.description)}</p>`}
${parameters(operation)}
${operation.requestBody === undefined ? NOTHING : bodyMarkup(operation.requestBody.content, operation.requestBody.required ?? false)}
${examples(server, place)}
${responses(operation)}
</article>
`
}

const tagAnchor = (tag: string): string => `tag-${tag.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`

const placesOf = ({ paths }: Document, tag: string): Place[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => operation.tags.includes(tag))
      .map(([method, operation]) => ({ path, method, operation })),
  )

const tagSection = (document: Document, tag: string): Markup =>
  html`<section id="${tagAnchor(tag)}"><h2>${tag}</h2>\n${placesOf(document, tag).map((place) => operationMarkup(document.servers[0].url, place))}</section>\n`

/** The statuses that operations refer to, by name of the response. */
const statusesOf = (document: Document): Map<string, string> =>
  new Map(
    Object.values(document.paths)
      .flatMap((methods) => Object.values(methods).flatMap(({ responses: all }) => Object.entries(all)))
      .flatMap(([status, { $ref }]): [string, string][] => ($ref === undefined ? [] : [[status, $ref]]))
      .sort(),
  )

const refusalRow = (document: Document, status: string, ref: string): Markup => {
  const { description = '' } = resolved(document, { $ref: ref })
  return html`<tr id="refusal-${status}"><th scope="row">${status}</th><td>${prose(description)}</td></tr>\n`
}

const refusalSection = (document: Document): Markup =>
  html`<section id="refusals"><h2>Refusals</h2><p>All are <code>application/problem+json</code>: ${typeOf({ $ref: '#/Problem' })}.</p>
<div class="wide"><table class="responses"><tbody>${[...statusesOf(document)].map(([s, ref]) => refusalRow(document, s, ref))}</tbody></table></div></section>\n`

const schemaMarkup = ([name, schema]: readonly [string, Schema]): Markup =>
  html`<article class="schema" id="${anchorOf(name)}"><h3><code>${name}</code></h3>${schema.description ? html`<p>${prose(schema.description)}</p>` : NOTHING}${schemaTable(schema)}</article>\n`

const byName = (document: Document) => Object.entries(document.components.schemas).sort(([a], [b]) => (a < b ? -1 : 1))

const schemaSection = (document: Document): Markup =>
  html`<section id="schemas"><h2>Schemas</h2><p><b class="required">*</b> marks what must be given, and what is always answered.</p>\n${byName(document).map(schemaMarkup)}</section>\n`

const navItem = (place: Place): Markup =>
  html`<li><a class="${place.method}" href="#${anchor(place)}">${badge(place)}<span>${place.operation.summary}</span></a></li>`

const navigation = (document: Document): Markup => {
  const tags = document.tags.map(({ name }) => html`<b>${name}</b><ul>${placesOf(document, name).map(navItem)}</ul>`)
  const schemas = byName(document).map(
    ([name]) => html`<li><a class="plain" href="#${anchorOf(name)}">${name}</a></li>`,
  )
  return html`<nav aria-label="Contents">${tags}<b><a class="plain" href="#refusals">Refusals</a></b><b>Schemas</b><ul>${schemas}</ul></nav>`
}

const setting = (server: string): Markup =>
  isAbsolute(server)
    ? html`Commands take the key from the environment: <code>export NESTWAVE_KEY=…</code>`
    : html`Commands take address and key from the environment: <code>export NESTWAVE_SERVER=http://… NESTWAVE_KEY=…</code>`

/**
 * The API to read, as one self-contained HTML page: asks nothing of any host, needs no script, prints on A4.
 * @verifiedBy test/service/docs-page.test.ts
 */
export const docsPage = (openapi: OpenApiDocument): string => {
  const document = openapi as unknown as Document
  const { title, version, description = '' } = document.info
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} API ${version}</title>
<style>${raw(DOCS_STYLE)}</style>
</head>
<body><div class="page">
<header><h1>${title} API <small>${version}</small></h1><p>${prose(description)}</p>
<p>${setting(document.servers[0].url)}</p></header>
${navigation(document)}
<main>
${document.tags.map(({ name }) => tagSection(document, name))}
${refusalSection(document)}
${schemaSection(document)}
</main>
<footer>${title} ${version}</footer>
</div></body>
</html>
`.markup
}
