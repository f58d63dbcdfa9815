import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { vi } from 'vitest'
import { main } from '../../src/cli/main.ts'

export const COMMAND = resolve(import.meta.dirname, '../../bin/nestwave.mjs')

export interface Outcome {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** The command line in this process: the same code without the start of another. */
export const inProcess = async (...argv: string[]): Promise<Outcome> => {
  const text = { out: '', err: '' }
  const into = (key: 'out' | 'err') => (chunk: unknown) => {
    text[key] += String(chunk)
    return true
  }
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(into('out') as never),
    vi.spyOn(process.stderr, 'write').mockImplementation(into('err') as never),
  ]
  try {
    return { code: await main(argv), ...text }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

export interface Running {
  readonly kill: (signal: NodeJS.Signals) => void
  /** Resolves once standard error holds the text, or the process has ended. */
  readonly said: (text: string) => Promise<void>
  readonly ended: Promise<Outcome & { readonly signal: NodeJS.Signals | null }>
}

/** The real command as a process of its own. */
export const start = (argv: readonly string[], env: NodeJS.ProcessEnv = {}): Running => {
  const child = spawn(process.execPath, [COMMAND, ...argv], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const text = { out: '', err: '' }
  const waiting = new Map<() => void, string>()
  const check = (ended: boolean): void => {
    for (const [resolve, wanted] of waiting)
      if (ended || text.err.includes(wanted)) {
        waiting.delete(resolve)
        resolve()
      }
  }
  let over = false
  child.stdout.on('data', (chunk) => {
    text.out += chunk
  })
  child.stderr.on('data', (chunk) => {
    text.err += chunk
    check(false)
  })
  const ended = new Promise<Outcome & { signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      over = true
      check(true)
      resolve({ code, signal, ...text })
    })
  })
  return {
    kill: (signal) => child.kill(signal),
    said: (wanted) =>
      new Promise((resolve) => {
        waiting.set(resolve, wanted)
        check(over)
      }),
    ended,
  }
}

export const command = (...argv: string[]): Promise<Outcome> => start(argv).ended

/** What is told of bad input. */
export const told = (...problems: readonly (readonly [path: string, expected: string, received: string])[]): string =>
  [
    problems.length === 1 ? '1 problem' : `${problems.length} problems`,
    ...problems.map(([path, expected, received]) => `  ${path}\n    expected ${expected}\n    received ${received}`),
    '',
  ].join('\n')

export const reportOf = (out: string): string => join(out, 'report.json')
