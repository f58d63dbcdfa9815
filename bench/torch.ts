import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** Debian's Python, which knows Debian's packages. */
const PYTHON = '/usr/bin/python3'

export const hasTorch = (): Promise<boolean> =>
  promisify(execFile)(PYTHON, ['-c', 'import torch']).then(
    () => true,
    () => false,
  )

type Shaped = readonly (readonly [name: string, shape: readonly number[]])[]

/** Arrays of float32 that a reference reads: their file, and names and shapes in its order. */
export interface ArrayFile {
  readonly path: string
  readonly shapes: string
}

/** A reference script that waits for commands, so that it and we can take turns. */
export interface TorchProcess {
  ask(command: string, ...given: readonly (string | number)[]): Promise<unknown>
  end(): Promise<void>
}

/** Both of PyTorch's thread pools wait without spinning, as ours does: a spinning one would slow whoever has the turn. */
const environment = (threads: number) => ({
  ...process.env,
  ...{ OMP_WAIT_POLICY: 'passive', OMP_NUM_THREADS: `${threads}`, OPENBLAS_NUM_THREADS: `${threads}` },
  PYTHONDONTWRITEBYTECODE: '1',
})

export const torchProcess = (script: string, threads: number, ...given: readonly string[]): TorchProcess => {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const child = spawn(PYTHON, [path, `${threads}`, ...given], {
    env: environment(threads),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ask: TorchProcess['ask'] = async (...command) => {
    child.stdin.write(`${JSON.stringify(command)}\n`)
    const { value, done } = await answers.next()
    if (done) throw new Error(`${script} ended before it answered ${command[0]}`)
    return JSON.parse(value)
  }
  const end = async (): Promise<void> => {
    child.stdin.end()
    await exit
  }
  return { ask, end }
}

/** A folder for arrays that one side writes and the other reads. */
export const exchange = () => {
  const folder = mkdtempSync(join(tmpdir(), 'nestwave-bench-'))
  const [path, result] = [join(folder, 'given'), join(folder, 'result')]
  return {
    write: (arrays: Readonly<Record<string, Float32Array>>, shapes: Shaped): ArrayFile => {
      writeFileSync(path, Buffer.concat(shapes.map(([name]) => Buffer.from(Float32Array.from(arrays[name]).buffer))))
      return { path, shapes: JSON.stringify(shapes) }
    },
    /** Where the reference writes. */
    result,
    read: (): Float32Array => new Float32Array(Uint8Array.from(readFileSync(result)).buffer),
    remove: (): void => rmSync(folder, { recursive: true, force: true }),
  }
}

/** What multiplies PyTorch's matrices; a note of every comparison, since the reference BLAS makes it many times slower. */
export const blasNote = async (torch: TorchProcess): Promise<string> => {
  const blas = await torch.ask('blas')
  return blas === 'reference BLAS'
    ? 'PyTorch multiplies by the slow reference BLAS: its ratios flatter us; install libopenblas0 and measure again'
    : `PyTorch multiplies by ${blas}`
}
