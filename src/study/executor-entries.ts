/** What became of an executor. */
interface Tried {
  readonly kind: string
  readonly outcome: string
  readonly detail: string
}

/** One line per executor that was tried, for people: the one that trained and samples, and why those before it did not. */
export const executorEntries = (
  attempts: readonly Tried[],
): readonly { readonly label: string; readonly value: string }[] =>
  attempts.map(({ kind, outcome, detail }) => ({
    label: `executor ${kind}`,
    value: `${outcome.replaceAll('-', ' ')}: ${detail}`,
  }))
