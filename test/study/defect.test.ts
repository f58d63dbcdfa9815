import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readGmsh } from '../../src/mesh/gmsh.ts'
import { nodeCount } from '../../src/mesh/mesh.ts'
import { checkOnMesh } from '../../src/study/check.ts'
import { crackFromVector, defectSampler } from '../../src/study/defect.ts'
import { domainOf, fullDomainOf } from '../../src/study/domain.ts'
import { fullDomainModel } from '../../src/study/full-domain-model.ts'
import { fullDomainTask, hiddenOf } from '../../src/study/full-domain-task.ts'
import type { Study } from '../../src/study/schema.ts'
import { datasetInputs } from '../../src/study/stage.ts'
import { checkStudy } from '../../src/study/study.ts'
import { quantile } from '../../src/uq/marginal.ts'
import { runFullDomain } from '../../src/wave/full-domain.ts'

const HARD_CASE = resolve(import.meta.dirname, '../../experiments/hard-case')
const json = JSON.parse(readFileSync(resolve(HARD_CASE, 'study.json'), 'utf8'))
const meshText = readFileSync(resolve(HARD_CASE, json.domain.mesh), 'utf8')
const mesh = readGmsh(meshText, 'plate-with-crack-line.msh')
const hard = checkStudy(json)
const domain = checkOnMesh(hard, mesh)
const { defect } = json.uncertainty
const withDefect = (change: object): Study =>
  checkStudy({ ...json, uncertainty: { ...json.uncertainty, defect: { ...defect, ...change } } })

describe('the hidden crack', () => {
  const drawn = Array.from({ length: 4000 }, (_, i) => defectSampler(hard, 'train')(i))

  it('is there with the study’s probability, and has the study’s laws', () => {
    const cracks = drawn.filter((crack) => crack !== null)
    expect(Math.abs(cracks.length / drawn.length - defect.present)).toBeLessThan(0.03)
    for (const key of ['centre', 'length'] as const) {
      const values = cracks.map((crack) => crack[key]).sort((a, b) => a - b)
      for (const p of [0.1, 0.5, 0.9])
        expect(values[Math.floor(p * values.length)] / quantile(defect[key], p)).toBeCloseTo(1, 1)
      expect(values[0]).toBeGreaterThanOrEqual(defect[key].low)
      expect(values.at(-1)!).toBeLessThanOrEqual(defect[key].high)
    }
  })

  it('is a function of seed, split and sample index, and of no other draw', () => {
    const again = defectSampler(hard, 'train')
    expect([3999, 7, 0].map((i) => again(i))).toEqual([3999, 7, 0].map((i) => drawn[i]))
    const others = [defectSampler(hard, 'test'), defectSampler({ ...hard, seed: hard.seed + 1 }, 'train')]
    for (const other of others) expect(drawn.map((_, i) => other(i))).not.toEqual(drawn)
    const never = defectSampler(withDefect({ present: 0 }), 'train')
    const always = defectSampler(withDefect({ present: 1 }), 'train')
    drawn.forEach((crack, i) => {
      expect(never(i)).toBeNull()
      expect(always(i)).not.toBeNull()
      if (crack !== null) expect(always(i)).toEqual(crack)
    })
  })

  it('enters a batch lane by lane, beside the modulus', () => {
    const prepared = { study: hard, domain, full: fullDomainOf(domain) }
    const { cracks, modulusFactor } = hiddenOf(prepared, 'train', 5, 3)
    expect(cracks).toEqual(drawn.slice(5, 8))
    expect(modulusFactor).not.toBeNull()
  })

  it('is given to the full-domain model as a vector', () => {
    expect(crackFromVector(hard.uncertainty.defect!, [0.2, 0], 'input[2]')).toBeNull()
    const { low, high } = defect.length
    expect(crackFromVector(hard.uncertainty.defect!, [0.2, high], 'input[2]')).toEqual({ centre: 0.2, length: high })
    expect(() => crackFromVector(hard.uncertainty.defect!, [0.2, low / 2], 'input[2]')).toThrow(
      `input[2][1]: expected a length from ${low} to ${high} m, or 0 for no crack, received ${low / 2}`,
    )
  })
})

/** Without the random modulus, and short: cheap to run. */
const short = checkStudy({ ...json, time: { duration: 120e-6 }, uncertainty: { defect } })

describe('the full-domain task', () => {
  it('runs each sample with its own crack, whichever samples are beside it', () => {
    const { time } = domainOf(short, mesh).spec
    const prepared = fullDomainTask.prepare({ study: short, mesh, time })
    const tracesOf = (start: number, count: number): Float32Array =>
      fullDomainTask.run(prepared, { path: '', start, count, split: 'train' }).data['traces'] as Float32Array
    const together = tracesOf(0, 10)
    const size = together.length / 10
    expect(tracesOf(7, 3)).toEqual(together.subarray(7 * size))
    const whole = fullDomainTask.prepare({
      study: checkStudy({ ...json, time: { duration: 120e-6 }, uncertainty: {} }),
      mesh,
      time,
    })
    const { data } = fullDomainTask.run(whole, { path: '', start: 0, count: 10, split: 'train' })
    const crack = defectSampler(short, 'train')
    const differs = Array.from({ length: 10 }, (_, n) => {
      const [own, other] = [together, data['traces'] as Float32Array].map((t) => t.subarray(n * size, (n + 1) * size))
      const largest = other.reduce((most, v) => Math.max(most, Math.abs(v)), 0)
      return own.some((v, k) => Math.abs(v - other[k]) > 1e-3 * largest)
    })
    expect(differs).toEqual(Array.from({ length: 10 }, (_, n) => crack(n) !== null))
    expect(new Set(differs).size).toBe(2)
  })
})

describe('the full-domain model', () => {
  it('takes the crack as its last vector, and gives what a run with that crack gives', async () => {
    const model = fullDomainModel(short, mesh)
    expect(model.inputSizes).toEqual([4, 2])
    expect(model.inputNames[1]).toBe('crack: centre (m), length (m; 0 for none)')
    const load = { amplitude: 300e6, arrival: 0, position: 0.2, width: 30e-6 }
    const crack = { centre: 0.2, length: 0.15 }
    const theta = Object.values(load)
    const [whole] = await model.evaluate([theta, [0.2, 0]], {})
    const [cracked] = await model.evaluate([theta, [crack.centre, crack.length]], {})
    const full = fullDomainOf(domainOf(short, mesh))
    const batch = { count: 2, load: [load, load], modulusFactor: null, cracks: [null, crack] }
    expect([...whole, ...cracked]).toEqual([...runFullDomain(full, batch).quantities])
    expect(cracked).not.toEqual(whole)
  })
})

describe('a study with a defect', () => {
  it('runs on the split mesh; the zone stays as it is', () => {
    expect(nodeCount(domain.mesh)).toBe(4820)
    expect(nodeCount(domain.spec.mesh)).toBe(4820 + 57)
    expect(domain.zone.nodes.every((node) => node < 4820)).toBe(true)
    const plain = domainOf({ ...hard, uncertainty: { modulusField: null } }, mesh)
    expect(plain.spec.mesh).toBe(mesh)
    expect(domain.zone).toEqual(plain.zone)
  })

  it('has an identity of its own; one without it has the identity it always had', () => {
    const { defect: _, ...without } = hard.uncertainty
    const plain = { ...hard, uncertainty: without }
    expect(datasetInputs(hard, 'm')).not.toEqual(datasetInputs(plain, 'm'))
    const { defect: __, ...field } = json.uncertainty
    expect(JSON.stringify(checkStudy({ ...json, uncertainty: field }).uncertainty)).toBe(JSON.stringify(without))
  })

  it.each([
    [
      'a group the mesh has not',
      { along: 'crack' },
      'uncertainty.defect.along: expected a named group of facets (available: ',
    ],
    ['a line on the outer boundary', { along: 'load' }, 'uncertainty.defect.along: expected facets inside the mesh'],
    [
      'a crack that leaves the line',
      { centre: { law: 'constant', value: 0.05 } },
      'uncertainty.defect.centre: expected centres whose longest crack stays on the line, ',
    ],
    [
      'a crack shorter than two facets',
      { length: { law: 'uniform', low: 0.01, high: 0.2 } },
      'uncertainty.defect.length: expected lengths of at least 0.01429 m, two facets of the line, received uniform from 0.01000 m',
    ],
  ])('refuses %s', (_, change, message) => {
    expect(() => domainOf(withDefect(change), mesh)).toThrow(message)
  })

  it('refuses a line that touches the zone', () => {
    const touching = { ...hard, zone: { box: [0.115, 0.1, 0.43, 0.3] } } as Study
    expect(() => domainOf(touching, mesh)).toThrow(
      "uncertainty.defect.along: expected a line away from the zone, whose submodel knows no crack, received 'crack-line', which shares 29 nodes with it",
    )
  })

  it.each([
    ['a law without bounds', { length: { law: 'normal', mean: 0.1, standardDeviation: 0.01 } }, 'a law with bounds'],
    ['bounds in the wrong order', { centre: { law: 'uniform', low: 0.3, high: 0.1 } }, 'a number > low (0.3)'],
    ['a probability above one', { present: 1.5 }, 'uncertainty.defect.present'],
  ])('refuses %s', (_, change, message) => {
    expect(() => withDefect(change)).toThrow(message)
  })
})
