import { OffContract, ServiceFailure, Unreachable } from '../client/failure.ts'

/** A failure that says itself what to do next. */
export class Advised extends Error {
  override readonly name = 'Advised'
  readonly advice: string

  constructor(message: string, advice: string) {
    super(message)
    this.advice = advice
  }
}

const KEPT = 'What is finished is kept; the same command goes on from there.'
const ADDRESS = '--server or NESTWAVE_SERVER says where to look.'

const BY_STATUS: Readonly<Record<number, string>> = {
  401: 'A key is given with --key or NESTWAVE_KEY.',
  403: 'Another key may be allowed to: --key or NESTWAVE_KEY.',
  404: '`nestwave jobs` lists what there is.',
}

const sentenceOn = (error: unknown): string => {
  if (error instanceof Advised) return error.advice
  if (error instanceof ServiceFailure) return BY_STATUS[error.status] ?? ''
  return error instanceof Unreachable || error instanceof OffContract ? ADDRESS : KEPT
}

/** A line on what to do about a failure, or nothing. */
export const adviceOn = (error: unknown): string => {
  const sentence = sentenceOn(error)
  return sentence === '' ? '' : `${sentence}\n`
}
