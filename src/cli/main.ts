import { InvalidInput } from '../numeric/errors.ts'
import { Advised, adviceOn } from './advice.ts'
import { USAGE, VERB_HELP } from './help.ts'
import { type Options, parseOptions } from './options.ts'
import { VERBS } from './verbs.ts'

const BAD_INPUT = 2
const OTHER = 1
/** A bar that was being drawn. */
const CLEAR = process.stderr.isTTY ? '\r\x1b[2K' : ''
const STOPPED = '\nstopped. The same command goes on from here.\n'

/** Every problem on a line of its own, or as one JSON object. */
const tellProblems = (error: InvalidInput, json: boolean): void => {
  if (json) process.stderr.write(`${JSON.stringify({ event: 'invalid-input', problems: error.problems })}\n`)
  else {
    const lines = error.problems.map((p) => `  ${p.path}\n    expected ${p.expected}\n    received ${p.received}`)
    process.stderr.write(
      `${error.problems.length === 1 ? '1 problem' : `${error.problems.length} problems`}\n${lines.join('\n')}\n`,
    )
  }
}

const tellFailure = (error: unknown, json: boolean): void => {
  const message = error instanceof Error ? error.message : String(error)
  if (json) process.stderr.write(`${JSON.stringify({ event: 'failed', message })}\n`)
  else process.stderr.write(`${CLEAR}failed: ${message}\n${adviceOn(error)}`)
  if (process.env['NESTWAVE_DEBUG'] && error instanceof Error) process.stderr.write(`${error.stack}\n`)
}

/** First Ctrl-C: stop cleanly. Second: at once. */
const interruptible = (): { signal: AbortSignal; release: () => void } => {
  const controller = new AbortController()
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(OTHER)
    controller.abort(new Error('stopped'))
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  const release = (): void => {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
  return { signal: controller.signal, release }
}

const runVerb = async (verb: string, options: Options): Promise<number> => {
  const { signal, release } = interruptible()
  try {
    await VERBS[verb](options, signal)
    return 0
  } catch (error) {
    if (signal.aborted) {
      process.stderr.write(error instanceof Advised ? `\n${error.message}\n` : STOPPED)
      return OTHER
    }
    if (error instanceof InvalidInput) {
      tellProblems(error, options.json)
      return BAD_INPUT
    }
    tellFailure(error, options.json)
    return OTHER
  } finally {
    release()
  }
}

/** The command line: returns the exit code. */
export const main = async (argv: readonly string[]): Promise<number> => {
  const [verb, ...rest] = argv
  if (verb === undefined || verb === 'help' || verb === '--help' || verb === '-h') {
    process.stdout.write(USAGE)
    return verb === undefined ? BAD_INPUT : 0
  }
  try {
    if (!Object.hasOwn(VERBS, verb)) throw InvalidInput.of('verb', `one of ${Object.keys(VERBS).join(', ')}`, verb)
    const options = parseOptions(rest)
    if (options.help) {
      process.stdout.write(VERB_HELP[verb])
      return 0
    }
    return await runVerb(verb, options)
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error
    tellProblems(error, rest.includes('--json'))
    return BAD_INPUT
  }
}
