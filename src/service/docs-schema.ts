import { html, type Markup, NOTHING, raw } from '../report/markup.ts'

/** What the page reads of a JSON Schema. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly description?: string
  readonly default?: unknown
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly items?: Schema | boolean
  readonly prefixItems?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Schema | boolean
  readonly propertyNames?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly multipleOf?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly pattern?: string
  readonly 'x-unit'?: string
}

export const nameOf = (ref: string): string => ref.split('/').at(-1)!
export const anchorOf = (name: string): string => `schema-${name}`
/** Backquotes are the only sign that descriptions use. */
export const prose = (text: string): Markup =>
  html`${text.split(/`([^`]+)`/).map((part, k) => (k % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))}`

const code = (value: unknown): Markup => html`<code>${JSON.stringify(value)}</code>`

const joined = (parts: readonly Markup[], between: string): Markup[] =>
  parts.flatMap((part, k) => (k === 0 ? [part] : [html`${between}`, part]))

const optionsOf = ({ anyOf, oneOf }: Schema): readonly Schema[] => oneOf ?? anyOf ?? []

const hasFields = ({ properties }: Schema): boolean => properties !== undefined

/** Variants that are told apart by their fields get lines of their own; one alone is no variant. */
const variantsOf = (schema: Schema): readonly Schema[] => {
  const all = optionsOf(schema).filter(hasFields)
  return all.length > 1 ? all : []
}

const arrayType = ({ items, prefixItems }: Schema): Markup => {
  if (prefixItems) return html`[${joined(prefixItems.map(typeOf), ', ')}]`
  return typeof items === 'object' ? html`list of ${typeOf(items)}` : html`list`
}

const optionsType = (schema: Schema): Markup => {
  const variants = variantsOf(schema)
  const parts = optionsOf(schema).filter((option) => !variants.includes(option))
  return html`${joined([...(variants.length > 0 ? [html`one of`] : []), ...parts.map(typeOf)], ' | ')}`
}

/** The type of a value in a few words, with links to the named ones. */
export const typeOf = (schema: Schema): Markup => {
  if (schema.$ref) return html`<a href="#${anchorOf(nameOf(schema.$ref))}">${nameOf(schema.$ref)}</a>`
  if (schema.const !== undefined) return code(schema.const)
  if (schema.enum) return html`${joined(schema.enum.map(code), ' | ')}`
  if (optionsOf(schema).length > 0) return optionsType(schema)
  if (schema.type === 'array') return arrayType(schema)
  const { additionalProperties: more } = schema
  if (typeof more === 'object' && Object.keys(more).length > 0 && !more.properties) return html`map of ${typeOf(more)}`
  if (schema.type === undefined) return html`any JSON`
  return html`${[schema.type].flat().join(' | ')}${schema.format ? ` (${schema.format})` : ''}`
}

/** JSON Schema repeats what any whole number in JavaScript is bound by. */
const isBound = (limit: number | undefined): limit is number =>
  limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER

const between = (low: number | undefined, high: number | undefined, what: string): string[] => {
  if (low === undefined && high === undefined) return []
  if (low === high) return [`${low} ${what}`]
  if (high === undefined) return [`≥ ${low} ${what}`]
  return [low ? `${low} to ${high} ${what}` : `≤ ${high} ${what}`]
}

/** The pattern of an identifier says less than its format. */
const patternOf = ({ pattern, format }: Schema): string[] =>
  pattern === undefined || format !== undefined ? [] : [`/${pattern}/`]

const constraintsOf = (schema: Schema): string[] => [
  ...(isBound(schema.minimum) ? [`≥ ${schema.minimum}`] : []),
  ...(isBound(schema.exclusiveMinimum) ? [`> ${schema.exclusiveMinimum}`] : []),
  ...(isBound(schema.maximum) ? [`≤ ${schema.maximum}`] : []),
  ...(isBound(schema.exclusiveMaximum) ? [`< ${schema.exclusiveMaximum}`] : []),
  ...(schema.multipleOf === undefined ? [] : [`multiple of ${schema.multipleOf}`]),
  ...(schema.type === 'string' ? between(schema.minLength, schema.maxLength, 'characters') : []),
  ...(schema.type === 'array' && !schema.prefixItems ? between(schema.minItems, schema.maxItems, 'entries') : []),
  ...patternOf(schema),
]

/** A default worth a word: null says nothing that the type does not. */
const isShort = (value: unknown): boolean => value !== undefined && value !== null && JSON.stringify(value).length <= 60

/** The option of a union that carries its bounds and unit: null has none. */
const core = (schema: Schema): Schema =>
  variantsOf(schema).length > 0 ? schema : (optionsOf(schema).find((option) => option.type !== 'null') ?? schema)

const unitOf = (schema: Schema): string => schema['x-unit'] ?? core(schema)['x-unit'] ?? ''

const noteOf = (schema: Schema): Markup => {
  const { description = core(schema).description ?? '' } = schema
  const small = [
    ...constraintsOf(core(schema)),
    ...(isShort(schema.default) ? [`default ${JSON.stringify(schema.default)}`] : []),
  ]
  return html`${prose(description)}${small.length > 0 ? html` <small>${small.join(' · ')}</small>` : NOTHING}`
}

interface Row {
  readonly kind: 'field'
  readonly name: string
  readonly required: boolean
  readonly type: Markup
  readonly unit: string
  readonly note: Markup
}
/** One of several forms that the field above may have. */
interface VariantRow {
  readonly kind: 'variant'
  readonly form: Markup
}
type AnyRow = Row | VariantRow

const inlineType = (schema: Schema): Markup => {
  if (hasFields(schema)) return inlineObject(schema)
  const variants = variantsOf(schema)
  return variants.length > 0 ? html`${joined(variants.map(inlineObject), ' | ')}` : typeOf(schema)
}

const inlineField = ([key, field]: readonly [string, Schema], required: boolean): Markup => {
  const unit = unitOf(field)
  return html`<span class="field">${key}${required ? '' : '?'}: ${inlineType(field)}${unit && unit !== '1' ? ` ${unit}` : ''}</span>`
}

/** An object on one line: its fields with their types. */
const inlineObject = ({ properties = {}, required = [] }: Schema): Markup =>
  html`{ ${joined(
    Object.entries(properties).map((field) => inlineField(field, required.includes(field[0]))),
    ', ',
  )} }`

/** What a field holds, after its own line. */
const inner = (schema: Schema, name: string): AnyRow[] => {
  const { items, additionalProperties: more } = schema
  if (schema.properties) return rowsOf(schema, `${name}.`)
  if (typeof items === 'object') return inner(items, `${name}[]`)
  if (typeof more === 'object' && more.properties) return rowsOf(more, `${name}.*.`)
  return variantsOf(schema).map((variant) => ({ kind: 'variant', form: inlineObject(variant) }))
}

const fieldRows = (name: string, schema: Schema, required: boolean): AnyRow[] => [
  { kind: 'field', name, required, type: typeOf(schema), unit: unitOf(schema), note: noteOf(schema) },
  ...inner(core(schema).properties ? core(schema) : schema, name),
]

const rowsOf = (schema: Schema, prefix = ''): AnyRow[] =>
  Object.entries(schema.properties ?? {}).flatMap(([key, field]) =>
    fieldRows(prefix + key, field, schema.required?.includes(key) ?? false),
  )

const REQUIRED = html`<b class="required" title="required">*</b>`

const WBR = raw('<wbr>')

/** Long names break after a dot. */
const dotted = (name: string): Markup =>
  html`${name.split(/(?<=\.)/).map((part, k) => html`${k > 0 ? WBR : NOTHING}${part}`)}`

const fieldMarkup = ({ name, required, type, unit, note }: Row): Markup =>
  html`<tr><th scope="row"><code>${dotted(name)}</code>${required ? REQUIRED : NOTHING}</th><td>${type}</td><td class="unit">${unit}</td><td>${note}</td></tr>\n`

const rowMarkup = (row: AnyRow): Markup =>
  row.kind === 'field' ? fieldMarkup(row) : html`<tr class="variant"><td></td><td colspan="3">${row.form}</td></tr>\n`

const HEAD = html`<thead><tr><th scope="col">name</th><th scope="col">type</th><th scope="col">unit</th><th scope="col">meaning</th></tr></thead>`

const table = (rows: readonly AnyRow[]): Markup =>
  html`<div class="wide"><table class="fields">${HEAD}<tbody>${rows.map(rowMarkup)}</tbody></table></div>\n`

/** Named values as a table: name, type, unit, meaning. */
export const fieldTable = (
  fields: readonly { readonly name: string; readonly schema: Schema; readonly required: boolean }[],
): Markup => table(fields.flatMap(({ name, schema, required }) => fieldRows(name, schema, required)))

/** A schema as a table of its fields; one without fields in a line. */
export const schemaTable = (schema: Schema): Markup => {
  const rows = schema.properties ? rowsOf(schema) : inner(schema, '')
  if (rows.length > 0) return table(rows)
  return html`<p>${typeOf(schema)} <small>${constraintsOf(schema).join(' · ')}</small></p>\n`
}
