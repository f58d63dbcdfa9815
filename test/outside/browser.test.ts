import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inProcess } from '../cli/command-line.ts'
import { tinyStudy, type Workplace, workplace } from '../end-to-end/tiny-study.ts'
import { chromium, pictureOf, type Visit, visit } from './chromium.ts'
import { skipped } from './skip.ts'

const program = chromium()
if (program === undefined) skipped('chromium')

describe.skipIf(program === undefined)('report.html in a browser', () => {
  let place: Workplace
  let page: Visit
  beforeAll(async () => {
    place = workplace()
    expect(await inProcess('run', place.study, '--out', place.out, '--workers', '2')).toMatchObject({ code: 0 })
    page = visit(program!, join(place.out, 'report.html'))
  }, 300_000)
  afterAll(() => place.remove())

  it('the browser would tell of errors and requests', () => {
    const bad = join(place.root, 'bad.html')
    writeFileSync(
      bad,
      '<!doctype html><img src="https://example.invalid/x.png"><script>console.error("boom"); missing()</script>',
    )
    const { console, requests, screenshot } = visit(program!, bad)
    expect(console.map((line) => line.replace(/^.*CONSOLE[^"]*/, ''))).toEqual([
      expect.stringContaining('"boom"'),
      expect.stringContaining('ReferenceError: missing is not defined'),
    ])
    expect(requests).toEqual(['https://example.invalid/x.png'])
    expect(pictureOf(screenshot).content).toBeLessThan(0.002)
  })

  it('opens without a word in the console and asks the network for nothing', () => {
    expect(page.console).toEqual([])
    expect(page.requests).toEqual([])
  })

  it('names no file or address outside itself', () => {
    const html = readFileSync(join(place.out, 'report.html'), 'utf8')
    expect(html).not.toMatch(
      /<(?:img|script|iframe|source|video|audio|embed|object)[^>]+(?:src|data)\s*=\s*["']?(?!data:)/i,
    )
    expect(html).not.toMatch(/<link[^>]+href/i)
    expect(html).not.toMatch(/@import|url\(\s*["']?(?!#|data:)/i)
  })

  it('has its title, figures and tables', () => {
    expect(page.dom).toContain(tinyStudy().title)
    const figures = page.dom.match(/<svg/g) ?? []
    expect(figures.length).toBeGreaterThanOrEqual(8)
    expect((page.dom.match(/<table/g) ?? []).length).toBeGreaterThanOrEqual(3)
    for (const { name } of tinyStudy().quantities) expect(page.dom).toContain(name)
    expect(page.dom).not.toMatch(/\bNaN\b|\bundefined\b|\[object Object\]/)
  })

  it('is not blank', () => {
    const { width, height, content } = pictureOf(page.screenshot)
    expect([width, height]).toEqual([1200, 4000])
    expect(content).toBeGreaterThan(0.01)
  })
})
