/** One thing that is wrong with an input: where, what was expected, what was received. */
export interface Problem {
  /** Dotted path in the input (`time.step`), or `file.msh:12` for a line of a file. */
  readonly path: string
  readonly expected: string
  readonly received: string
}

const sentence = ({ path, expected, received }: Problem): string =>
  `${path}: expected ${expected}, received ${received}`

/** Bad input, raised at once with every problem found. The doors turn it into exit code 2 or HTTP 400. */
export class InvalidInput extends Error {
  override readonly name = 'InvalidInput'
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super(problems.map(sentence).join('\n'))
    this.problems = problems
  }

  static of(path: string, expected: string, received: unknown): InvalidInput {
    return new InvalidInput([{ path, expected, received: String(received) }])
  }
}

/** Why a sample's numerics failed. A batch keeps it as data; a single run throws {@link NumericalFailure}. */
export type FailureReason = 'unstable' | 'non-finite' | 'singular'

export class NumericalFailure extends Error {
  override readonly name = 'NumericalFailure'
  readonly reason: FailureReason

  constructor(reason: FailureReason, detail: string) {
    super(`${reason}: ${detail}`)
    this.reason = reason
  }
}
