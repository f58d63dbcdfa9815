import type { ProblemDetails, ProblemItem } from '../client/api.ts'
import type { Problem } from '../numeric/errors.ts'

/** A refusal that becomes RFC 9457 problem details. Handlers throw it; nothing else of theirs reaches a client's eyes. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly type: string
  readonly title: string
  readonly errors: readonly Problem[]
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    type: string,
    title: string,
    detail = '',
    more: { readonly errors?: readonly Problem[]; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail)
    this.status = status
    this.type = type
    this.title = title
    this.errors = more.errors ?? []
    this.headers = more.headers ?? {}
  }
}

/** Also what another user's job looks like: nobody learns what exists. */
export const notFound = (what: string): Refusal => new Refusal(404, 'not-found', 'Not found', `no such ${what}`)

const escaped = (token: string): string => token.replaceAll('~', '~0').replaceAll('/', '~1')

/** A path may be as long as a body; nobody means a name with more dots in it. */
const MOST_ENDS = 32

/** Where a name that stands first in a dotted path may end: it may hold dots itself. */
export const nameEnds = (path: string): number[] => {
  const ends: number[] = []
  for (const { index } of path.matchAll(/[.[]/g)) if (ends.push(index) === MOST_ENDS) break
  return [...ends, path.length]
}

/** The longest own key of a value that a dotted path begins with. Asks for each, since an object may have a million keys. */
const ownKey = (value: unknown, path: string): string | null => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const end = nameEnds(path).findLast((at) => Object.hasOwn(value, path.slice(0, at)))
  return end === undefined ? null : path.slice(0, end)
}

const STEP = /^(?:\[(\d+)\]|\.?([^.[\]]+))/

/**
 * A dotted path of a problem (`quantities[0].at.group`) as a JSON Pointer into the document it is about.
 * @source RFC 6901
 * @verifiedBy test/service/problem.test.ts
 */
export const pointerOf = (document: unknown, path: string): string => {
  let pointer = ''
  let value: unknown = document
  for (let rest = path; rest !== ''; ) {
    const own = ownKey(value, rest.replace(/^\./, ''))
    const step = own === null ? STEP.exec(rest) : null
    if (own === null && step === null) return pointer
    const token = own ?? step![1] ?? step![2]
    rest = rest.replace(/^\./, '').slice(own === null ? step![0].replace(/^\./, '').length : own.length)
    pointer += `/${escaped(token)}`
    value = (value as Record<string, unknown> | undefined | null)?.[token]
  }
  return pointer
}

/** `?limit` is a query parameter, `header X` a header, `plate.msh:12` a line of a file: none is in the body. */
const ELSEWHERE = /^\?|^header |:\d+$/

/** A problem of the input with its place in the request body. */
export const problemItem = (document: unknown, { path, expected, received }: Problem): ProblemItem => ({
  pointer: document === undefined || ELSEWHERE.test(path) ? '' : pointerOf(document, path),
  path,
  expected,
  received,
})

/** A type that is an address already (a standard's own) stays as it is. */
const typeOf = (type: string): string => (/^[a-z][a-z\d+.-]*:/i.test(type) ? type : `/problems/${type}`)

export const detailsOf = (refusal: Refusal, document: unknown, instance: string): ProblemDetails => ({
  type: typeOf(refusal.type),
  title: refusal.title,
  status: refusal.status,
  ...(refusal.message ? { detail: refusal.message } : {}),
  instance,
  ...(refusal.errors.length > 0 ? { errors: refusal.errors.map((p) => problemItem(document, p)) } : {}),
})
