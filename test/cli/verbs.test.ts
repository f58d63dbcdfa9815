import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { VERB_HELP } from '../../src/cli/help.ts'
import { VERBS } from '../../src/cli/verbs.ts'
import { readNpz } from '../../src/numeric/npz.ts'
import { filesOf } from '../end-to-end/files.ts'
import { tinyStudy, type Workplace, workplace } from '../end-to-end/tiny-study.ts'
import { inProcess } from './command-line.ts'

let place: Workplace
beforeAll(() => {
  place = workplace()
})
afterAll(() => place.remove())

describe('help', () => {
  it('is there for every verb, and for no other', () => expect(Object.keys(VERB_HELP)).toEqual(Object.keys(VERBS)))

  it.each(Object.keys(VERBS))('nestwave %s --help', async (verb) => {
    expect(await inProcess(verb, '--help')).toEqual({ code: 0, out: VERB_HELP[verb], err: '' })
    expect(VERB_HELP[verb]).toMatch(new RegExp(`^nestwave ${verb}`))
  })

  it('lists the verbs on request, and with code 2 when there is none', async () => {
    const { out } = await inProcess('--help')
    for (const verb of Object.keys(VERBS)) expect(out).toMatch(new RegExp(`^ {2}${verb} +\\S`, 'm'))
    expect(await inProcess()).toEqual({ code: 2, out, err: '' })
    expect(await inProcess('help')).toEqual({ code: 0, out, err: '' })
  })
})

describe('nestwave schema', () => {
  it('prints a JSON Schema whose numbers carry units', async () => {
    const { code, out } = await inProcess('schema')
    expect(code).toBe(0)
    const { $schema, $ref, $defs } = JSON.parse(out)
    expect([$schema, $ref]).toEqual(['https://json-schema.org/draft/2020-12/schema', '#/$defs/NestwaveStudy'])
    const schema = $defs.NestwaveStudy
    expect(schema.additionalProperties).toBe(false)
    expect(schema.properties.time.properties.duration).toMatchObject({ unit: 's', exclusiveMinimum: 0 })
    expect(schema.properties.materials.additionalProperties.properties.density.unit).toBe('kg/m³')
    // What has a default may be left out.
    expect(schema.required).not.toContain('dataset')
    expect(schema.required).toContain('zone')
  })
})

describe('nestwave simulate', () => {
  it('writes the wave for ParaView, the trace for NumPy, and what the run gave', async () => {
    expect(await inProcess('simulate', place.study, '--out', place.out, '--sample', '3', '--quiet')).toEqual({
      code: 0,
      out: '',
      err: '',
    })
    const folder = join(place.out, 'simulation-3')
    const frames = [...readFileSync(join(folder, 'wave.pvd'), 'utf8').matchAll(/file="([^"]+)"/g)].map(
      ([, file]) => file,
    )
    expect(frames.length).toBeGreaterThan(20)
    expect(filesOf(folder)).toEqual([...frames, 'result.json', 'trace.npz', 'wave.pvd'].sort())

    const { sample, status, load, quantities } = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8'))
    expect({ sample, status }).toEqual({ sample: 3, status: 'ok' })
    expect(load.amplitude).toBeGreaterThan(200e6)
    expect(Object.keys(quantities)).toEqual(tinyStudy().quantities.map((q: { name: string }) => q.name))

    const arrays = readNpz(readFileSync(join(folder, 'trace.npz')), 'trace.npz')
    const [trace, points, times] = ['trace', 'points', 'times'].map((name) => arrays.get(name)!)
    expect(points.shape).toEqual([20, 2])
    expect(trace.shape).toEqual([times.shape[0], 20, 2])
    expect(Math.max(...(trace.data as Float32Array))).toBeGreaterThan(1e-6)
    expect((times.data as Float64Array).at(-1)).toBeCloseTo(150e-6, 12)
  })
})

describe('progress', () => {
  it('comes as JSON lines on standard error, results on standard output', async () => {
    const { code, out, err } = await inProcess('dataset', place.study, '--out', place.out, '--json', '--workers', '1')
    expect({ code, out }).toEqual({ code: 0, out: '' })
    const events = err
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events.at(-1)).toMatchObject({
      event: 'stage-end',
      name: 'full-domain runs',
      done: 220,
      found: 0,
      total: 220,
    })
  })

  it('comes as lines with what was found, and not at all with --quiet', async () => {
    const { err } = await inProcess('dataset', place.study, '--out', place.out)
    expect(err).toMatch(/^full-domain runs: done in [\d.]+ s \(220 found\)\n$/)
    expect(await inProcess('dataset', place.study, '--out', place.out, '-q')).toEqual({ code: 0, out: '', err: '' })
  })
})
