import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { JOB_KINDS, type JobKind } from '../client/api.ts'
import { InvalidInput } from '../numeric/errors.ts'
import { EXPORT_FORMATS, type ExportFormat } from '../study/model-export.ts'

export interface Options {
  readonly out: string | undefined
  readonly workers: number
  readonly quiet: boolean
  readonly json: boolean
  readonly help: boolean
  readonly sample: number
  /** How many samples `sample` writes. */
  readonly count: number
  /** Trace model that `sample` draws from. */
  readonly model: string | undefined
  /** Of the generator that is sampled or exported. */
  readonly granularity: string | undefined
  readonly executor: string
  /** Address of the service. */
  readonly server: string
  readonly key: string | undefined
  readonly kind: JobKind
  readonly priority: number
  readonly title: string | undefined
  readonly watch: boolean
  /** Of a job's artifacts, only these. */
  readonly only: 'report' | undefined
  readonly format: ExportFormat
  readonly traces: boolean
  readonly positionals: readonly string[]
}

export const DEFAULT_SERVER = 'http://127.0.0.1:8080'

const wholeNumber = (name: string, text: string | undefined, fallback: number, minimum: number): number => {
  if (text === undefined) return fallback
  const value = Number(text)
  if (!Number.isInteger(value) || value < minimum)
    throw InvalidInput.of(`--${name}`, `a whole number >= ${minimum}`, text)
  return value
}

const oneOf = <T extends string, F>(name: string, text: string | undefined, fallback: F, all: readonly T[]): T | F => {
  if (text === undefined) return fallback
  const found = all.find((one) => one === text)
  if (found === undefined) throw InvalidInput.of(`--${name}`, `one of ${all.join(', ')}`, text)
  return found
}

/** The parser's complaint without the advice that follows it, which is for those who write parsers. */
const complaint = (message: string): string => {
  const ambiguous = /'(?:-\w, )?(--\w+).*ambiguous/.exec(message)
  if (ambiguous) return `${ambiguous[1]} without a value (one that begins with a dash is written ${ambiguous[1]}=-1)`
  return message.split(/\.\s/)[0]
}

/** The flags that every verb takes. */
export const parseOptions = (argv: readonly string[]): Options => {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(argv)
  } catch (error) {
    throw InvalidInput.of('command line', 'the flags that `nestwave --help` lists', complaint((error as Error).message))
  }
  const { values, positionals } = parsed
  return {
    out: values.out,
    workers: wholeNumber('workers', values.workers, availableParallelism(), 1),
    sample: wholeNumber('sample', values.sample, 0, 0),
    count: wholeNumber('count', values.count, 10_000, 1),
    model: values.model,
    granularity: values.granularity,
    executor: values.executor ?? 'auto',
    // An empty variable is one that was not set: shells and container files cannot always leave it out.
    server: values.server ?? (process.env.NESTWAVE_SERVER || DEFAULT_SERVER),
    key: values.key ?? (process.env.NESTWAVE_KEY || undefined),
    kind: oneOf('kind', values.kind, 'run', JOB_KINDS),
    priority: Number(oneOf('priority', values.priority, '0', ['-1', '0', '1'])),
    title: values.title,
    watch: values.watch ?? false,
    only: oneOf<'report', undefined>('only', values.only, undefined, ['report']),
    format: oneOf('format', values.format, 'onnx' as const, EXPORT_FORMATS),
    traces: values.traces ?? false,
    quiet: values.quiet ?? false,
    json: values.json ?? false,
    help: values.help ?? false,
    positionals,
  }
}

const parse = (argv: readonly string[]) =>
  parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      out: { type: 'string', short: 'o' },
      workers: { type: 'string', short: 'w' },
      sample: { type: 'string' },
      count: { type: 'string' },
      model: { type: 'string' },
      granularity: { type: 'string' },
      executor: { type: 'string' },
      server: { type: 'string' },
      key: { type: 'string' },
      kind: { type: 'string' },
      priority: { type: 'string' },
      title: { type: 'string' },
      watch: { type: 'boolean' },
      only: { type: 'string' },
      format: { type: 'string' },
      traces: { type: 'boolean' },
      quiet: { type: 'boolean', short: 'q' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
