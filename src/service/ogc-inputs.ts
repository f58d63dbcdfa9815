import type { JobKind } from '../client/api.ts'
import { InvalidInput, type Problem } from '../numeric/errors.ts'
import { problemsOf, shown } from '../study/problems.ts'
import { jsonOf, unwelcomeParts } from './json-text.ts'
import { inputsSchema } from './ogc-process.ts'
import { nameEnds } from './problem.ts'

type Inputs = Readonly<Record<string, unknown>>

/** An input as the request gave it: its value, and where in the body it stands. */
interface Given {
  readonly value: unknown
  readonly path: string
}

const isObject = (value: unknown): value is Inputs =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `{"value": …}` with nothing but what tells its format; no input of ours has a field of that name. */
const isQualified = (value: unknown): value is { readonly value: unknown } =>
  isObject(value) &&
  Object.hasOwn(value, 'value') &&
  Object.keys(value).every((key) => ['value', 'mediaType', 'encoding', 'schema'].includes(key))

const isLink = (value: unknown): value is { readonly href: string } => isObject(value) && typeof value.href === 'string'

const DATA = /^data:application\/json(?:;charset=utf-8)?(;base64)?,(.*)$/is

/** Nothing is fetched for strangers: by that, a client could make the service ask addresses that only the service can reach. */
const dereference = (href: string, path: string): unknown => {
  const [, base64, text] = DATA.exec(href) ?? []
  if (text === undefined)
    throw InvalidInput.of(`${path}.href`, 'data:application/json,… (no other address is fetched)', shown(href))
  try {
    return jsonOf(base64 ? Buffer.from(text, 'base64') : Buffer.from(decodeURIComponent(text)))
  } catch (error) {
    throw InvalidInput.of(`${path}.href`, 'JSON, percent-encoded or in Base64', (error as Error).message)
  }
}

const given = (name: string, value: unknown): Given => {
  const path = `inputs.${name}`
  if (isQualified(value)) return { value: value.value, path: `${path}.value` }
  return { value: isLink(value) ? dereference(value.href, path) : value, path }
}

/** A problem of an input, told where that input stands in the request. */
const inRequest =
  (inputs: ReadonlyMap<string, Given>) =>
  (problem: Problem): Problem => {
    const end = nameEnds(problem.path).find((at) => inputs.has(problem.path.slice(0, at)))
    if (end === undefined) return { ...problem, path: `inputs.${problem.path}` }
    return { ...problem, path: inputs.get(problem.path.slice(0, end))!.path + problem.path.slice(end) }
  }

export interface CheckedInputs {
  /** Fields of a job request. */
  readonly fields: Record<string, unknown>
  /** Runs what may refuse the fields; its problems are told where they stand in the request. */
  telling<T>(action: () => Promise<T>): Promise<T>
}

const MISSING: Problem = {
  path: 'study',
  expected: 'a study, or `parent`: a job whose study is taken',
  received: 'nothing (the input is missing)',
}

const problemsIn = (kind: JobKind, fields: Inputs): readonly Problem[] => {
  const unwelcome = unwelcomeParts(fields)
  if (unwelcome.length > 0) return unwelcome
  const parsed = inputsSchema(kind).safeParse(fields, { reportInput: true })
  const problems = parsed.success ? [] : problemsOf(parsed.error)
  return fields.study === undefined && fields.parent === undefined ? [MISSING, ...problems] : problems
}

/**
 * The inputs of an execute request, values taken out of what the standard wraps them in.
 * @throws InvalidInput with every unknown, wrong and missing input
 * @verifiedBy test/service/ogc.test.ts
 */
export const checkInputs = (kind: JobKind, inputs: Inputs): CheckedInputs => {
  const all = new Map(Object.entries(inputs).map(([name, value]) => [name, given(name, value)]))
  const fields = Object.fromEntries([...all].map(([name, { value }]) => [name, value]))
  const problems = problemsIn(kind, fields)
  if (problems.length > 0) throw new InvalidInput(problems.map(inRequest(all)))
  return {
    fields,
    telling: async (action) => {
      try {
        return await action()
      } catch (error) {
        throw error instanceof InvalidInput ? new InvalidInput(error.problems.map(inRequest(all))) : error
      }
    },
  }
}
