import { describe, expect, it } from 'vitest'
import { InvalidInput } from '../../src/numeric/errors.ts'
import type { LoadSample } from '../../src/study/law.ts'
import { checkCount, checkSample, countOutside } from '../../src/study/range-check.ts'
import type { Study } from '../../src/study/schema.ts'
import { checkStudy } from '../../src/study/study.ts'
import { tinyStudy } from '../end-to-end/tiny-study.ts'

const studyWith = (position: object, outsideRange?: string): Study => {
  const json = tinyStudy()
  return checkStudy({
    ...json,
    load: { ...json.load, position },
    estimate: { ...json.estimate, ...(outsideRange && { outsideRange }) },
  })
}
const NORMAL = { law: 'normal', mean: 0.2, standardDeviation: 0.01 }
const UNIFORM = { law: 'uniform', low: 0.15, high: 0.25 }
const at = (position: number): LoadSample => ({ amplitude: 3e8, arrival: 0, position, width: 50e-6 })
const asked = (study: Study, position: number): string[] => {
  const warnings: string[] = []
  checkSample(
    study,
    at(position),
    (key) => `theta.${key}`,
    (text) => warnings.push(text),
  )
  return warnings
}

describe('the range of a single θ', () => {
  it('is refused by default outside of what training covers, naming range and place', () => {
    // The .001 and .999 quantiles: 0.2 ± 3.0902 · 0.01.
    expect(() => asked(studyWith(NORMAL), 0.231)).toThrow(InvalidInput)
    expect(() => asked(studyWith(NORMAL), 0.231)).toThrow(
      /theta\.position: expected load\.position from 0\.1690\d* to 0\.2309\d*, the range that training covers, received 0\.231/,
    )
    expect(asked(studyWith(NORMAL), 0.2309)).toEqual([])
  })

  it('is told, if the study says so', () => {
    expect(asked(studyWith(NORMAL, 'warn'), 0.231)).toEqual([
      expect.stringMatching(
        /^theta\.position: 0\.231 is not within load\.position from .*; the nearest end stands for it$/,
      ),
    ])
  })

  it('allows for round-off and not for more', () => {
    expect(asked(studyWith(UNIFORM), 0.25 + 1e-12)).toEqual([])
    expect(() => asked(studyWith(UNIFORM), 0.25 + 1e-9)).toThrow(/received 0\.250000001/)
    expect(() => asked(studyWith(UNIFORM), Number.NaN)).toThrow(/received NaN/)
  })

  it('is no matter for what the models do not learn', () => {
    const study = studyWith({ law: 'constant', value: 0.2 })
    expect(asked(study, 7)).toEqual([])
  })
})

describe('the range of an estimate', () => {
  it('counts the tails of an unbounded law and warns of them', () => {
    const counted = countOutside(studyWith(NORMAL), 20_000)
    // 0.2 % of 20,000, three standard deviations of the count apart.
    expect(Math.abs(counted.outside - 40)).toBeLessThan(19)
    expect(checkCount(studyWith(NORMAL), counted)).toMatch(
      /^\d+ of 20000 samples outside the ranges of training: load\.pos/,
    )
  })

  it('has nothing to say of bounded laws', () => {
    const study = studyWith(UNIFORM)
    const counted = countOutside(study, 5000)
    expect(counted).toEqual({ outside: 0, samples: 5000 })
    expect(checkCount(study, counted)).toBe(null)
  })

  it('refuses more than tails, unless the study takes them', () => {
    const counted = { outside: 11, samples: 1000 }
    expect(() => checkCount(studyWith(UNIFORM), counted)).toThrow(
      /load: expected load\.position .* received 11 of 1000/,
    )
    expect(checkCount(studyWith(UNIFORM, 'warn'), counted)).toMatch(/^11 of 1000 samples outside/)
  })
})
