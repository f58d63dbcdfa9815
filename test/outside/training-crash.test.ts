import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GanCheckpoint } from '../../src/generative/gan/checkpoint.ts'
import { unpack } from '../../src/numeric/container.ts'
import { command, start } from '../cli/command-line.ts'
import { filesOf } from '../end-to-end/files.ts'
import { type Json, tinyStudy, type Workplace, workplace } from '../end-to-end/tiny-study.ts'

/** The moments of this run's kills; NESTWAVE_CRASH_SEED repeats a run's. */
const SEED = Number(process.env['NESTWAVE_CRASH_SEED'] ?? Date.now() % 1_000_000)
console.log(`crash moments: NESTWAVE_CRASH_SEED=${SEED}`)
const uniforms = ((state: number) => () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return state / 2 ** 32
})(SEED)

const ITERATIONS = 900
const EVERY = 60
const KILLS = 5

/** Long enough that every kill falls into the training of the generator; time decides on checkpoints too. */
const study = (): Json => {
  const tiny = tinyStudy()
  return {
    ...tiny,
    generator: { ...tiny.generator, iterations: ITERATIONS, checkpointEvery: EVERY, checkpointSeconds: 0.2 },
  }
}

const sleep = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1000 * seconds))
const model = (out: string, name: string): string => join(out, 'model', name)
const bytesOf = (out: string): ReadonlyMap<string, string> =>
  new Map(
    filesOf(join(out, 'model'))
      .filter((name) => name !== 'training.bin')
      .map((name) => [name, readFileSync(model(out, name)).toString('base64')]),
  )
const checkpointOf = (out: string): GanCheckpoint =>
  unpack(readFileSync(model(out, 'training.bin')), 'training.bin') as GanCheckpoint

let place: Workplace
let undisturbed: string
let killed: string
beforeAll(async () => {
  place = workplace(study())
  undisturbed = join(place.root, 'undisturbed')
  killed = join(place.root, 'killed')
  expect(await command('dataset', place.study, '--out', undisturbed, '--quiet')).toMatchObject({ code: 0 })
  mkdirSync(killed)
  await cp(undisturbed, killed, { recursive: true })
  expect(await command('train', place.study, '--out', undisturbed, '--quiet')).toMatchObject({ code: 0 })
}, 300_000)
afterAll(() => place.remove())

/** Waits for a checkpoint of this iteration or a later one, made after the call. */
const reachedCheckpoint = async (iteration: number, ended: () => boolean): Promise<void> => {
  const path = model(killed, 'training.bin')
  let seen = existsSync(path) ? statSync(path).mtimeMs : 0
  for (;;) {
    if (ended()) throw new Error('the training ended before it was killed')
    await sleep(0.002)
    const written = existsSync(path) ? statSync(path).mtimeMs : 0
    if (written <= seen) continue
    if (checkpointOf(killed).iteration >= iteration) return
    seen = written
  }
}

describe('kill -9 while the generator is trained', () => {
  it('at random moments, then the same command: the bytes of an undisturbed training', async () => {
    const reached: number[] = []
    for (let k = 0; k < KILLS; k++) {
      const running = start(['train', place.study, '--out', killed, '--quiet'])
      let over = false
      running.ended.then(() => {
        over = true
      })
      await reachedCheckpoint(((k + uniforms()) / (KILLS + 1)) * ITERATIONS, () => over)
      await sleep(0.1 * uniforms())
      running.kill('SIGKILL')
      expect(await running.ended).toMatchObject({ code: null, signal: 'SIGKILL' })
      expect(existsSync(model(killed, 'card.json'))).toBe(false)
      reached.push(checkpointOf(killed).iteration)
    }
    console.log(`killed ${KILLS} times; checkpoints of iterations ${reached.join(', ')} of ${ITERATIONS}`)
    expect(reached.every((iteration, k) => k === 0 || iteration > reached[k - 1])).toBe(true)
    expect(reached.at(-1)!).toBeLessThan(ITERATIONS)

    const { code, err } = await command('train', place.study, '--out', killed)
    expect(code).toBe(0)
    expect(err).toContain(`training of the generator: done in`)
    expect(err).toContain(`(${reached.at(-1)} found)`)
    const [got, wanted] = [bytesOf(killed), bytesOf(undisturbed)]
    expect([...wanted.keys()]).toEqual(
      expect.arrayContaining(['card.json', 'weights.safetensors', 'training-story.bin']),
    )
    expect([...got.keys()]).toEqual([...wanted.keys()])
    for (const [name, bytes] of wanted) expect(got.get(name) === bytes, name).toBe(true)
  })

  it('was a training whose checkpoints were made by time as well', () => {
    // The story, weights and card are equal although the two trainings made their checkpoints at other iterations.
    expect(checkpointOf(undisturbed).iteration % EVERY).toBe(0)
    expect(checkpointOf(undisturbed).iteration).toBe(ITERATIONS)
  })
})
