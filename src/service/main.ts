import { pino } from 'pino'
import { InvalidInput } from '../numeric/errors.ts'
import { parseServiceOptions, type ServiceOptions } from './options.ts'
import { SERVICE_HELP, SERVICE_VERBS, type ServiceVerb } from './verbs.ts'

const BAD_INPUT = 2
const OTHER = 1

const tellProblems = (error: InvalidInput): void => {
  const lines = error.problems.map((p) => `  ${p.path}\n    expected ${p.expected}\n    received ${p.received}`)
  process.stderr.write(`${lines.length === 1 ? '1 problem' : `${lines.length} problems`}\n${lines.join('\n')}\n`)
}

/** First signal: stop cleanly. Second: at once. A worker also stops when the service that started it is gone. */
const interruptible = (): AbortSignal => {
  const controller = new AbortController()
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(OTHER)
    controller.abort(new Error('stopped'))
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)
  process.once('disconnect', () => controller.abort(new Error('the service has gone')))
  return controller.signal
}

const run = async (verb: ServiceVerb, options: ServiceOptions): Promise<number> => {
  const log = pino({ level: options.config.logLevel, errorKey: 'error' }, pino.destination({ dest: 2, sync: true }))
  try {
    await SERVICE_VERBS[verb](options, log, interruptible())
    return 0
  } catch (error) {
    if (error instanceof InvalidInput) throw error
    process.stderr.write(`failed: ${(error as Error).message}\n`)
    if (process.env.NESTWAVE_DEBUG) process.stderr.write(`${(error as Error).stack}\n`)
    return OTHER
  }
}

/** The verbs of the service: returns the exit code. */
export const main = async (argv: readonly string[]): Promise<number> => {
  const [verb, ...rest] = argv
  try {
    if (!Object.hasOwn(SERVICE_VERBS, verb))
      throw InvalidInput.of('verb', `one of ${Object.keys(SERVICE_VERBS).join(', ')}`, verb)
    const name = verb as ServiceVerb
    if (rest.includes('--help') || rest.includes('-h')) {
      process.stdout.write(SERVICE_HELP[name])
      return 0
    }
    return await run(name, parseServiceOptions(rest))
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error
    tellProblems(error)
    return BAD_INPUT
  }
}

// A worker that `serve` starts runs this file itself.
if (process.send !== undefined && process.argv[2] === 'worker') process.exit(await main(process.argv.slice(2)))
