import type { Problem } from '../numeric/errors.ts'

const SHOWN = 10

/** The first ten problems of one kind and, if there are more, one line that counts the rest. */
export const firstOf = (problems: readonly Problem[]): readonly Problem[] => {
  if (problems.length <= SHOWN) return problems
  const { path, expected } = problems[SHOWN]
  const rest = { path, expected, received: `${problems.length - SHOWN} more such problems from here on` }
  return [...problems.slice(0, SHOWN), rest]
}
