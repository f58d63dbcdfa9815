import { describe, expect, it } from 'vitest'
import { inProcess } from '../cli/command-line.ts'
import { reportOf } from './files.ts'
import { scalarStudy, transformerStudy, workplace } from './tiny-study.ts'

describe('the whole job of', () => {
  it.each([
    ['a scalar wave', scalarStudy(), ['peak motion', 'arrival']],
    ['the transformer form', transformerStudy(), ['peak stress', 'peak motion', 'arrival']],
  ])('%s', async (_, study, quantities) => {
    const place = workplace(study)
    const { code, err, out } = await inProcess('run', place.study, '--out', place.out, '--workers', '1')
    expect({ code, err }).toMatchObject({ code: 0 })
    const report = reportOf(place.out)
    expect(report.title).toBe(study.title)
    expect(
      report.estimates.filter((e: { statistic: string }) => e.statistic === 'mean').map((e: { qoi: string }) => e.qoi),
    ).toEqual(quantities)
    // The submodel under real traces cannot be told from the full domain at this size: 1.63 √(2/60) is the 1 % point.
    expect(report.floor.meanKs).toBeLessThan(0.3)
    for (const { value } of report.estimates) expect(Number.isFinite(value)).toBe(true)
    expect(out).toContain(`recommended: ${report.recommended}`)
    expect(out).toContain(`report: ${place.out}/report.html`)
    place.remove()
  })
})
