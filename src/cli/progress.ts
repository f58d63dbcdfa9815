import { type Progress, secondsLeft } from '../study/progress.ts'

const BAR = 28
/** A terminal is redrawn at most this often; a log gets a line at most that often, ms. */
const REDRAW = 100
const LINE = 5000

export const duration = (seconds: number): string => {
  if (!Number.isFinite(seconds)) return '…'
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
}

const bar = (share: number): string => '█'.repeat(Math.round(share * BAR)).padEnd(BAR, '·')

/** Where a stage stands. */
export interface Line {
  readonly name: string
  readonly done: number
  readonly found: number
  readonly total: number
  readonly seconds: number
  readonly detail: string
}

/** How a state of a stage is shown; `final` once, when it ends. */
export interface Screen {
  /** ms between two lines of a stage */
  readonly interval: number
  show(line: Line, final: boolean): void
  message(kind: 'note' | 'warning', text: string): void
}

const etaOf = (l: Line): number | null => secondsLeft(l.done, l.found, l.total, l.seconds)
const eta = (l: Line): string => duration(etaOf(l) ?? Number.POSITIVE_INFINITY)
const found = (l: Line): string => (l.found > 0 ? ` (${l.found} found)` : '')

const terminal = (stream: NodeJS.WriteStream): Screen => ({
  interval: REDRAW,
  show: (l, final) => {
    const state = final ? `${duration(l.seconds)}${found(l)}` : `${l.done}/${l.total}, ${eta(l)} to go`
    const text = `${l.name.padEnd(26)} ${bar(l.total > 0 ? l.done / l.total : 1)} ${state}  ${l.detail}`
    stream.write(`\r\x1b[2K${text.slice(0, (stream.columns ?? 100) - 1)}${final ? '\n' : ''}`)
  },
  message: (kind, text) => stream.write(`\r\x1b[2K${kind === 'warning' ? 'warning: ' : ''}${text}\n`),
})

const plain = (stream: NodeJS.WritableStream): Screen => ({
  interval: LINE,
  show: (l, final) => {
    const state = final ? `done in ${duration(l.seconds)}${found(l)}` : `${l.done}/${l.total}, ${eta(l)} to go`
    stream.write(`${l.name}: ${state}${l.detail ? `; ${l.detail}` : ''}\n`)
  },
  message: (kind, text) => stream.write(`${kind === 'warning' ? 'warning: ' : ''}${text}\n`),
})

const jsonLines = (stream: NodeJS.WritableStream): Screen => ({
  interval: 1000,
  show: (l, final) => {
    const { detail, ...line } = l
    const told = final ? line : { ...line, etaSeconds: etaOf(l) }
    stream.write(`${JSON.stringify({ event: final ? 'stage-end' : 'progress', ...told, detail })}\n`)
  },
  message: (event, text) => stream.write(`${JSON.stringify({ event, text })}\n`),
})

/** Only what a person must know even when all is quiet. */
const quiet = (stream: NodeJS.WritableStream): Screen => ({
  interval: Number.POSITIVE_INFINITY,
  show: () => {},
  message: (kind, text) => {
    if (kind === 'warning') stream.write(`warning: ${text}\n`)
  },
})

const on = (screen: Screen): Progress => ({
  stage: (name, total, alreadyDone = 0) => {
    const start = performance.now()
    let done = alreadyDone
    let detail = ''
    let shown = start
    const show = (final: boolean): void => {
      shown = performance.now()
      screen.show({ name, done, found: alreadyDone, total, seconds: (shown - start) / 1000, detail }, final)
    }
    return {
      advance: (steps, text) => {
        done += steps
        detail = text ?? detail
        if (performance.now() - shown >= screen.interval) show(false)
      },
      end: () => show(true),
    }
  },
  note: (text) => screen.message('note', text),
  warn: (text) => screen.message('warning', text),
})

/** Bars on a terminal, lines in a log, JSON lines on request; always on standard error, which leaves standard output to results. */
export const cliScreen = (options: { readonly quiet: boolean; readonly json: boolean }): Screen => {
  const stream = process.stderr
  if (options.quiet) return quiet(stream)
  if (options.json) return jsonLines(stream)
  return stream.isTTY ? terminal(stream) : plain(stream)
}

/** The screen as a recipe's progress. */
export const cliProgress = (options: { readonly quiet: boolean; readonly json: boolean }): Progress =>
  on(cliScreen(options))
