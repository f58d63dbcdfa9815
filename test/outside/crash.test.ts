import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { command, type Running, start, told } from '../cli/command-line.ts'
import { filesOf, reportBytes } from '../end-to-end/files.ts'
import { tinyStudy, type Workplace, workplace } from '../end-to-end/tiny-study.ts'
import { skipped } from './skip.ts'

/** The moments of this run's kills; NESTWAVE_CRASH_SEED repeats a run's. */
const SEED = Number(process.env['NESTWAVE_CRASH_SEED'] ?? Date.now() % 1_000_000)
console.log(`crash moments: NESTWAVE_CRASH_SEED=${SEED}`)

/** Uniform numbers in [0, 1) from the seed (a linear congruential generator is enough for moments). */
const uniforms = ((state: number) => () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return state / 2 ** 32
})(SEED)

/** Long enough in every stage that a random moment hits it. */
const study = () => {
  const tiny = tinyStudy()
  return {
    ...tiny,
    dataset: { train: 300, validation: 100, test: 200 },
    reduction: { ...tiny.reduction, modes: [8] },
    generator: { ...tiny.generator, iterations: 200, checkpointEvery: 40 },
    estimate: { ...tiny.estimate, samples: 512, comparisonSamples: 128 },
  }
}

const sleep = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1000 * seconds))
/** Waits for a condition on the folder; a run that ends before it holds is an error. */
const until = async (running: Running, condition: () => boolean): Promise<void> => {
  let over = false
  running.ended.then(() => {
    over = true
  })
  while (!condition()) {
    if (over) throw new Error(`the run ended: ${(await running.ended).err}`)
    await sleep(0.005)
  }
}
const filesIn = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).filter((f) => f.endsWith('.bin')) : []

let place: Workplace
let undisturbed: Buffer
const folder = (name: string): string => join(place.root, name)
const run = (out: string): Running => start(['run', place.study, '--out', out, '--workers', '2'])

beforeAll(async () => {
  place = workplace(study())
  expect(await run(folder('undisturbed')).ended).toMatchObject({ code: 0 })
  undisturbed = reportBytes(folder('undisturbed'))
}, 300_000)
afterAll(() => place.remove())

/** The same bytes; a difference is shown line by line. */
const expectUndisturbed = (out: string): void => {
  expect(reportBytes(out).toString()).toBe(undisturbed.toString())
}

/** kill -9 a while (s) after a condition on the folder holds. */
const killed = async (out: string, begun: () => boolean, after: number): Promise<void> => {
  const running = run(out)
  await until(running, begun)
  await sleep(after)
  running.kill('SIGKILL')
  expect(await running.ended).toMatchObject({ code: null, signal: 'SIGKILL' })
  expect(existsSync(join(out, '.lock'))).toBe(true)
  expect(existsSync(join(out, 'report.json'))).toBe(false)
}

describe('kill -9', () => {
  it('at a random moment of the dataset, of training and of the estimate, then the same command: the same bytes', async () => {
    const out = folder('killed')
    const chunks = (): number =>
      ['train', 'validation', 'test'].reduce(
        (sum, split) => sum + filesIn(join(out, `dataset/${split}/chunks`)).length,
        0,
      )
    const series = (): number =>
      existsSync(join(out, 'estimate')) ? readdirSync(join(out, 'estimate')).length - 1 : -1
    const moments = {
      chunks: Math.floor(10 * uniforms()),
      training: uniforms(),
      series: Math.floor(11 * uniforms()),
      more: 0.1 * uniforms(),
    }
    console.log(`kill at ${JSON.stringify(moments)}`)

    await killed(out, () => existsSync(join(out, 'dataset/manifest.json')) && chunks() >= moments.chunks, moments.more)
    console.log(`left by the first kill: ${chunks()} of 11 chunks`)
    expect(existsSync(join(out, 'model/card.json'))).toBe(false)

    await killed(out, () => existsSync(join(out, 'model/training.bin')), moments.training)
    console.log(
      `left by the second kill: ${existsSync(join(out, 'model/card.json')) ? 'a finished generator' : 'a checkpoint'}`,
    )
    expect(chunks()).toBe(11)

    await killed(out, () => series() >= moments.series, moments.more)
    console.log(`left by the third kill: ${series()} of 12 series of submodel runs`)

    expect(await run(out).ended).toMatchObject({ code: 0 })
    expectUndisturbed(out)
    expect(filesOf(out).filter((f) => f.endsWith('.part'))).toEqual([])
    expect(existsSync(join(out, '.lock'))).toBe(false)
  })
})

describe('a damaged chunk', () => {
  it.each([
    ['dataset/test/chunks/000064-64.bin', (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1)],
    [
      'dataset/train/chunks/000128-64.bin',
      (bytes: Buffer) => bytes.with(bytes.length - 100, bytes[bytes.length - 100] ^ 4),
    ],
    ['estimate/gan/chunks/000000-64.bin', () => Buffer.alloc(0)],
  ])('%s is told of and computed again', async (file, harm) => {
    const out = folder('undisturbed')
    const path = join(out, file)
    const sound = readFileSync(path)
    writeFileSync(path, harm(sound))
    const { code, err } = await run(out).ended
    expect(code).toBe(0)
    expect(err).toContain(`warning: ${file} is damaged and is computed again (`)
    expect(readFileSync(path).equals(sound)).toBe(true)
    expectUndisturbed(out)
  })
})

describe('two runs in one folder', () => {
  it('the second is refused, the first goes on undisturbed', async () => {
    const out = folder('shared')
    const first = run(out)
    await until(first, () => existsSync(join(out, '.lock')))
    const owner = readFileSync(join(out, '.lock'), 'utf8')
    const second = await command('run', place.study, '--out', out)
    expect(second).toEqual({
      ...{ code: 2, signal: null, out: '' },
      err: told(['--out', 'a folder that no other run is using', `${out}, in use by process ${owner}`]),
    })
    expect(await first.ended).toMatchObject({ code: 0 })
    expectUndisturbed(out)
  })
})

/** A small file system of its own, or null where this user may not mount one. */
const smallDisk = (path: string): { readonly release: () => void } | null => {
  mkdirSync(path)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', path], { stdio: 'ignore' })
  } catch {
    return null
  }
  return { release: () => execFileSync('umount', [path]) }
}

describe('a full disk', () => {
  it('ends with code 1 and says so; once there is space the same command ends with the same bytes', async ({
    skip,
  }) => {
    const out = folder('small-disk')
    const disk = smallDisk(out)
    if (disk === null) {
      skipped('full disk')
      return skip()
    }
    try {
      const ballast = join(out, 'ballast')
      // Room for about half of the dataset.
      const dataset = filesOf(join(folder('undisturbed'), 'dataset')).reduce(
        (sum, f) => sum + statSync(join(folder('undisturbed'), 'dataset', f)).size,
        0,
      )
      writeFileSync(ballast, Buffer.alloc(16 * 2 ** 20 - Math.round(dataset / 2)))
      const full = await run(out).ended
      expect(full).toMatchObject({ code: 1, out: '' })
      expect(full.err).toMatch(/failed: no space left on the disk; could not write .*\.bin\n/)
      expect(full.err).toContain('What is finished is kept; the same command goes on from there.')
      const kept = filesIn(join(out, 'dataset/train/chunks')).length
      expect(kept).toBeGreaterThan(0)

      rmSync(ballast)
      const again = await run(out).ended
      expect(again).toMatchObject({ code: 0 })
      expect(again.err).toMatch(/full-domain runs: done in .* \(\d+ found\)/)
      expectUndisturbed(out)
    } finally {
      disk.release()
    }
  })
})
