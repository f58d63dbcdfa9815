import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readNpy, readNpz } from '../../src/numeric/npz.ts'
import { diskFolder } from '../../src/runtime/disk-folder.ts'
import { loadChosenModel } from '../../src/study/loaded-model.ts'
import { modelChoice } from '../../src/study/model-choice.ts'
import { estimateSamples, sampleModel } from '../../src/study/sampling.ts'
import { checkStudy } from '../../src/study/study.ts'
import { type Workplace, workplace } from '../end-to-end/tiny-study.ts'
import { tinierStudy } from '../study/tiny-run.ts'
import { inProcess, told } from './command-line.ts'

let place: Workplace
beforeAll(async () => {
  place = workplace(tinierStudy())
  for (const verb of ['dataset', 'train']) {
    const { code, err } = await inProcess(verb, place.study, '--out', place.out, '--quiet')
    expect({ code, err }).toEqual({ code: 0, err: '' })
  }
}, 120_000)
afterAll(() => place.remove())

const file = (name: string): string => join(place.root, name)
const study = checkStudy(tinierStudy())
/** What the recipes draw for the first n samples. */
const drawn = async (n: number, config: Record<string, unknown>): Promise<Float64Array> => {
  const { model, release } = await loadChosenModel(diskFolder(place.out), modelChoice(study, config))
  try {
    return await sampleModel(study, model, { start: 0, count: n })
  } finally {
    await release()
  }
}

describe('nestwave sample', () => {
  it.each([
    ['gan at 1/8', ['--granularity', '1/8'], { granularity: 0.125 }],
    ['gan, one granularity per block', ['--model', 'gan', '--granularity', '1/2,1/8'], { granularity: [0.5, 0.125] }],
    ['a baseline', ['--model', 'gaussian-mixture'], { model: 'gaussian-mixture' }],
  ])('writes what the recipes draw: %s', async (_, flags, config) => {
    const out = file('a.npy')
    const result = await inProcess('sample', place.out, '--count', '1100', ...flags, '--out', out, '--quiet')
    expect(result).toEqual({ code: 0, out: '', err: '' })
    const { shape, data } = readNpy(readFileSync(out), 'a')
    const expected = await drawn(1100, config)
    expect(shape).toEqual([1100, expected.length / 1100])
    expect(data).toEqual(expected)
  })

  it('writes the load parameters beside them in an .npz file, and says so', async () => {
    const out = file('b.npz')
    const result = await inProcess('sample', place.out, '--count', '600', '--out', out, '--json')
    const arrays = readNpz(readFileSync(out), 'b')
    expect([...arrays.keys()]).toEqual(['coefficients', 'load'])
    const modes = arrays.get('coefficients')!.shape[1]
    expect(JSON.parse(result.out)).toEqual({ event: 'sampled', file: out, samples: 600, modes })
    expect(result.err).toContain('"event":"stage-end","name":"samples of gan@1"')
    const load = estimateSamples(study, { start: 0, count: 600 })
    expect([...arrays.get('load')!.data]).toEqual(load.flatMap((s) => [s.amplitude, s.arrival, s.position, s.width]))
  })

  it('gives the first samples again when more are asked, into the folder by default', async () => {
    const read = () => readNpy(readFileSync(join(place.out, 'coefficients.npy')), 'c')
    await inProcess('sample', place.out, '--count', '70', '--quiet')
    const few = read()
    await inProcess('sample', place.out, '--count', '700', '--quiet')
    expect(read().data.slice(0, few.data.length)).toEqual(few.data)
    rmSync(join(place.out, 'coefficients.npy'))
  })

  it.each([
    [[], ['DIR', 'one folder with a trained model', 'nothing']],
    [['nowhere'], ['DIR', 'a folder that `nestwave train` has filled', 'nowhere (no study.json)']],
  ])('refuses %j', async (argv, problem) => {
    expect(await inProcess('sample', ...argv)).toEqual({ code: 2, out: '', err: told(problem as never) })
  })

  it.each([
    [['--out', 'x.csv'], '--out'],
    [['--model', 'crystal-ball'], '--model'],
    [['--granularity', '1/3'], '--granularity'],
    [['--granularity', '1/2,1/2,1/2'], '--granularity'],
    [['--count', '0'], '--count'],
  ])('refuses %j and writes nothing', async (flags, path) => {
    const { code, err } = await inProcess('sample', place.out, ...flags)
    expect(code).toBe(2)
    expect(err).toContain(`\n  ${path}\n    expected `)
    expect(existsSync(join(place.out, 'coefficients.npy'))).toBe(false)
  })
})
