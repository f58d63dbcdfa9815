import type { z } from 'zod'
import type { Problem } from '../numeric/errors.ts'

type Issue = z.core.$ZodIssue

const SHOWN = 60

/** A value as a person would type it, shortened. */
export const shown = (value: unknown): string => {
  if (value === undefined) return 'nothing (the key is missing)'
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value))
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text
}

const dotted = (path: readonly PropertyKey[]): string =>
  path.length === 0
    ? 'study file'
    : path.reduce<string>(
        (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text ? `${text}.${String(key)}` : String(key)),
        '',
      )

const oneOf = (values: readonly unknown[]): string => {
  const list = values.map((v) => JSON.stringify(v)).join(', ')
  return values.length === 1 ? list : `one of ${list}`
}

const COUNTED: Readonly<Record<string, string>> = { string: 'characters', array: 'entries' }

const bound = (
  issue: { origin?: string; inclusive?: boolean | undefined },
  end: 'least' | 'most',
  limit: unknown,
): string => {
  const counted = COUNTED[issue.origin ?? '']
  if (counted !== undefined) return `at ${end} ${limit} ${counted}`
  return `a number ${end === 'least' ? '>' : '<'}${issue.inclusive ? '=' : ''} ${limit}`
}

const NOUN: Readonly<Record<string, string>> = {
  tuple: 'a list of two numbers',
  object: 'an object',
  array: 'a list',
  number: 'a number',
  int: 'a whole number',
  string: 'a text',
  record: 'an object',
}

const expectedOf = (issue: Issue): string => {
  switch (issue.code) {
    case 'invalid_type':
      if (typeof issue.input === 'number' && !Number.isFinite(issue.input)) return 'a finite number'
      return NOUN[issue.expected] ?? issue.expected
    case 'invalid_value':
      return oneOf(issue.values)
    case 'too_small':
      return bound(issue, 'least', issue.minimum)
    case 'too_big':
      return bound(issue, 'most', issue.maximum)
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`
    case 'invalid_format':
      return issue.message
    default:
      return issue.message
  }
}

/** A union fails in every branch; the branch that came furthest is the one its author meant. */
const mismatch = (branch: readonly Issue[]): number =>
  branch.reduce((sum, i) => sum + (i.path.length === 0 ? (i.code === 'unrecognized_keys' ? 100 : 10) : 1), 0)

const flatten = (issue: Issue, prefix: readonly PropertyKey[] = []): Problem[] => {
  const path = [...prefix, ...issue.path]
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: dotted([...path, key]),
      expected: 'no such key (unknown)',
      received: JSON.stringify(key),
    }))
  if (issue.code === 'invalid_key')
    return issue.issues.map((inner) => ({
      path: dotted(path),
      expected: `a name: ${expectedOf(inner)}`,
      received: shown(path.at(-1)),
    }))
  if (issue.code !== 'invalid_union')
    return [{ path: dotted(path), expected: expectedOf(issue), received: shown(issue.input) }]
  const options = (issue as { options?: readonly unknown[] }).options
  if (options)
    return [
      {
        path: dotted(path),
        expected: oneOf(options),
        received: shown((issue.input as Record<string, unknown>)?.[String(path.at(-1))]),
      },
    ]
  const values = issue.errors.flat().filter((i) => i.code === 'invalid_value' && i.path.length === 0)
  if (values.length === issue.errors.length)
    return [
      {
        path: dotted(path),
        expected: oneOf(values.flatMap((i) => (i.code === 'invalid_value' ? i.values : []))),
        received: shown(issue.input),
      },
    ]
  const best = [...issue.errors].sort((a, b) => mismatch(a) - mismatch(b))[0]
  return best.flatMap((inner) => flatten(inner, path))
}

/** Every problem zod found, in our form: path, expected, received. */
export const problemsOf = (error: z.ZodError): Problem[] => error.issues.flatMap((issue) => flatten(issue))
