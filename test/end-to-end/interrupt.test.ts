import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inProcess, start } from '../cli/command-line.ts'
import { filesOf, isResult, reportBytes, stampsOf } from './files.ts'
import { type Workplace, workplace } from './tiny-study.ts'

let place: Workplace
const folder = (name: string): string => join(place.root, name)
beforeAll(() => {
  place = workplace()
})
afterAll(() => place.remove())

/** Ctrl-C as soon as the progress mentions the text. */
const interrupted = async (out: string, mention: string, signal: NodeJS.Signals) => {
  const running = start(['run', place.study, '--out', out, '--workers', '1'])
  await running.said(mention)
  running.kill(signal)
  return running.ended
}

describe('Ctrl-C', () => {
  it('stops with code 1 and says how to go on; the same command ends with the bytes of an undisturbed run', async () => {
    const out = folder('stopped')
    const first = await interrupted(out, 'full-domain runs: done', 'SIGINT')
    expect(first).toMatchObject({ code: 1, signal: null, out: '' })
    expect(first.err).toMatch(/\nstopped\. The same command goes on from here\.\n$/)
    expect(existsSync(join(out, '.lock'))).toBe(false)
    expect(existsSync(join(out, 'report.json'))).toBe(false)
    const finished = stampsOf(out)
    expect([...finished.keys()].filter((f) => f.startsWith('dataset/') && isResult(f)).length).toBe(4)

    const second = await interrupted(out, 'baseline models: done', 'SIGTERM')
    expect(second).toMatchObject({ code: 1, signal: null, out: '' })

    const last = await inProcess('run', place.study, '--out', out, '--workers', '1')
    expect(last).toMatchObject({ code: 0 })
    expect(last.err).toContain('full-domain runs: done in')
    expect(last.err).toContain('(220 found)')
    const stamps = stampsOf(out)
    for (const [path, stamp] of finished) if (isResult(path)) expect([path, stamps.get(path)]).toEqual([path, stamp])

    const undisturbed = await inProcess('run', place.study, '--out', folder('undisturbed'), '--workers', '1')
    expect(undisturbed).toMatchObject({ code: 0 })
    expect(reportBytes(out).equals(reportBytes(folder('undisturbed')))).toBe(true)
    expect(filesOf(out).filter(isResult)).toEqual(filesOf(folder('undisturbed')).filter(isResult))
  })
})
