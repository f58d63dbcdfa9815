import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { curlOf, shellWord } from '../../src/service/docs-curl.ts'
import { docsPage } from '../../src/service/docs-page.ts'
import { openapiDocument } from '../../src/service/openapi.ts'
import { route } from '../../src/service/route.ts'
import { SAMPLE_ROUTES } from './sample-routes.ts'

const SERVER = 'http://127.0.0.1:8080'
const page = docsPage(openapiDocument(SAMPLE_ROUTES, { version: '1.2.3', serverUrl: SERVER }))
const text = page
  .replace(/<style>[\s\S]*?<\/style>/, '')
  .replaceAll(/<wbr>/g, '')
  .replaceAll(/<[^>]+>/g, ' ')
  .replaceAll(/\s+/g, ' ')

describe('the page', () => {
  it('asks nothing of anybody', () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe|<form|<object|\bsrc=|url\(|@import|\son\w+=/i)
    expect([...page.matchAll(/href="([^"]*)"/g)].filter(([, href]) => !href.startsWith('#'))).toEqual([])
  })

  it('has one target for every link, and each id once', () => {
    const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const targets = [...page.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id)
    expect(targets.length).toBeGreaterThan(100)
    expect(targets.filter((id) => !ids.includes(id))).toEqual([])
  })

  it('shows every operation with method, path, summary and scope', () => {
    for (const { id, method, path, summary } of SAMPLE_ROUTES) {
      const article = page.split(`id="operation-${id}"`)[1].split('</article>')[0].replaceAll('<wbr>', '')
      expect(article).toContain(`<span class="method">${method.toUpperCase()}</span>`)
      expect(article.replaceAll(/<\/?var>/g, '')).toContain(`<code>${path.replace('+', '')}</code>`)
      expect(article).toContain(`<h3>${summary.replaceAll("'", '&#39;')}</h3>`)
    }
    expect(text).toContain('open to all')
  })

  it('shows fields with type, unit, bounds and default', () => {
    expect(text).toMatch(/materials\.\*\.density \* number kg\/m³ mass density ρ &gt; 0/)
    expect(text).toMatch(/cpuSeconds number s/)
    expect(text).toMatch(/limit integer ≥ 1 · ≤ 200 · default 50/)
    expect(text).toMatch(/minDuration number s least time/)
    expect(text).toMatch(/uncertainty\.modulusField object \| null/)
    expect(text).toMatch(/law: &quot;uniform&quot; , low: number Pa or m , high: number Pa or m/)
  })

  it('tells shared refusals once', () => {
    expect(page.split('every problem is listed with its place').length).toBe(2)
    expect(page).toContain('<a href="#refusal-422">422</a>')
  })

  it('escapes what routes say', () => {
    const evil = route({
      id: 'x',
      method: 'post',
      path: '/x',
      tag: '<b>tag</b>',
      summary: '<script>alert(1)</script>',
      description: '`<i>` & "quotes"',
      scope: null,
      body: {
        schema: z.strictObject({ '<u>': z.literal('<s>').meta({ description: '</td><script>' }) }),
        examples: { a: { summary: '<em>', value: { '<u>': '<s>' } } },
      },
      responses: { 200: { description: '<p onclick=x>' } },
      handle: async () => ({ status: 200 }),
    })
    const html = docsPage(openapiDocument([evil], { version: '<v>', serverUrl: SERVER }))
    expect(html).not.toMatch(/<script|<b>tag|<i>|<u>|<s>|<em>|<v>|<p onclick/)
  })

  it('leaves an address that it does not know to the environment', () => {
    const html = docsPage(openapiDocument(SAMPLE_ROUTES, { version: '1', serverUrl: '/' }))
    expect(html).toContain('curl &quot;$NESTWAVE_SERVER/v1/jobs/ID&quot;')
    expect(html).toContain('export NESTWAVE_SERVER=')
  })
})

/** What a shell makes of a command: the words, one a line, as it would hand them to curl. */
const words = (command: string): string[] =>
  execFileSync('sh', ['-c', command.replace(/^curl/, `printf '%s\\0'`)], {
    env: { NESTWAVE_KEY: 'secret', NESTWAVE_SERVER: 'http://h:1' },
  })
    .toString()
    .split('\0')
    .slice(0, -1)

describe('commands', () => {
  const value = { text: `it's "$HOME" \`id\` \\ $(id) !`, list: [1, 'a, b', '[x]'], deep: [[1, 2], { a: [] }] }

  it('reach curl as they are meant', () => {
    const body = { contentType: 'application/json', value }
    const [x, post, url, h, key, h2, type, d, data] = words(
      curlOf({ method: 'post', url: `${SERVER}/a b`, withKey: true, body }),
    )
    expect([x, post, url]).toEqual(['-X', 'POST', `${SERVER}/a b`])
    expect([h, key, h2, type, d]).toEqual([
      '-H',
      'Authorization: Bearer secret',
      '-H',
      'Content-Type: application/json',
      '-d',
    ])
    expect(JSON.parse(data)).toEqual(value)
  })

  it('say no more than is needed', () => {
    expect(curlOf({ method: 'get', url: 'http://h/x', withKey: false })).toBe('curl http://h/x')
    expect(words(curlOf({ method: 'get', url: '$NESTWAVE_SERVER/x', withKey: false }))).toEqual(['http://h:1/x'])
    expect(curlOf({ method: 'put', url: 'http://h/x', withKey: false, body: { contentType: 'a/b' } })).toContain(
      '--data-binary @FILE',
    )
  })

  it.each([
    '$NESTWAVE_SERVER/$(id)',
    '$NESTWAVE_SERVER/`id`',
    '$NESTWAVE_SERVER/a"b',
    '$(id)',
    "a'b",
    '',
  ])('runs nothing of %j', (word) => expect(words(`curl ${shellWord(word)}`)).toEqual([word]))
})
