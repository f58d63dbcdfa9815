import { InvalidInput, NumericalFailure } from '../numeric/errors.ts'

/** What UM-Bridge 1.0 has for errors, and the status it gives each. */
const STATUS = { ModelNotFound: 400, UnsupportedFeature: 400, InvalidInput: 400, InvalidOutput: 500 } as const
export type UmbridgeErrorType = keyof typeof STATUS

export class UmbridgeError extends Error {
  override readonly name = 'UmbridgeError'
  readonly type: UmbridgeErrorType

  constructor(type: UmbridgeErrorType, message: string) {
    super(message)
    this.type = type
  }
}

/** A refusal of the body's reader: too large, cut short, an unknown encoding. */
const isUnreadable = (error: unknown): error is Error =>
  error instanceof Error && 'expose' in error && error.expose === true

/** The protocol's error for anything thrown; null for what is nobody's fault but ours, whose message is not for clients. */
const known = (error: unknown): UmbridgeError | null => {
  if (error instanceof UmbridgeError) return error
  if (error instanceof InvalidInput) return new UmbridgeError('InvalidInput', error.message)
  if (error instanceof NumericalFailure) return new UmbridgeError('InvalidOutput', error.message)
  if (isUnreadable(error)) return new UmbridgeError('InvalidInput', `body: ${error.message}`)
  return null
}

/** The protocol has no type for a server's own failure: to a client it is an output that did not come. */
const UNEXPECTED = new UmbridgeError('InvalidOutput', 'the service failed to evaluate the model')

const LONGEST = 2000

/** Status and body of an error; `unexpected` where somebody should look at it. */
export const errorAnswer = (thrown: unknown) => {
  const { type, message } = known(thrown) ?? UNEXPECTED
  return {
    unexpected: known(thrown) === null,
    status: STATUS[type],
    body: { error: { type, message: message.slice(0, LONGEST) } },
  }
}
