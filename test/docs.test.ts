import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseStudy } from '../src/study/study.ts'

const ROOT = resolve(import.meta.dirname, '..')
const PAGES = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.md'))
  .map((file) => join('docs', file))
  .sort()
const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...PAGES]

const textOf = (document: string): string => readFileSync(join(ROOT, document), 'utf8')
/** Without code blocks, whose brackets are no links. */
const proseOf = (document: string): string => textOf(document).replaceAll(/^```[\s\S]*?^```/gm, '')
const all = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((m) => m[1])
const linksOf = (document: string): string[] =>
  all(proseOf(document), /\]\(([^)\s]+)\)/g).filter((link) => !/^[a-z]+:/.test(link))

/** The anchor that GitHub gives a heading. */
const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')

/** The document or file that a link names, relative to the root. */
const targetOf = (document: string, link: string): string => {
  const [path] = link.split('#')
  return path === '' ? document : relative(ROOT, resolve(ROOT, dirname(document), decodeURI(path)))
}

const leadsSomewhere = (document: string, link: string): boolean => {
  const target = targetOf(document, link)
  if (!existsSync(join(ROOT, target))) return false
  const [, anchor] = link.split('#')
  return anchor === undefined || all(proseOf(target), /^#+ (.+)$/gm).some((heading) => anchorOf(heading) === anchor)
}

describe.each(DOCUMENTS)('%s', (document) => {
  it('has links that lead somewhere', () => {
    expect(linksOf(document).filter((link) => !leadsSomewhere(document, link))).toEqual([])
  })

  it('names paths that exist', () => {
    const paths = all(proseOf(document), /`((?:src|test|meshes|bin|docs)\/[\w./-]+)`/g)
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
  })

  it('shows studies that parse', () => {
    const studies = all(textOf(document), /^```json\n([\s\S]*?)^```/gm).filter((text) => text.includes('"nestwave"'))
    for (const study of studies) expect(() => parseStudy(study, document)).not.toThrow()
  })
})

describe('the documentation', () => {
  it('has studies to parse: the smallest and a full one', () => {
    expect(all(textOf('docs/study-file.md'), /^(```json)$/gm)).toHaveLength(2)
  })

  it('is listed in its index, page by page', () => {
    const listed = new Set(linksOf('docs/README.md').map((link) => targetOf('docs/README.md', link)))
    expect(PAGES.filter((page) => page !== 'docs/README.md' && !listed.has(page))).toEqual([])
  })
})

describe('the source', () => {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join('src', file))
  /** The paths behind every @verifiedBy, up to the end of its sentence, with the file that names them. */
  const verified = files.flatMap((file) =>
    all(textOf(file), /@verifiedBy ([^@]*?)(?:\*\/|\n \* @|\n\n)/g).flatMap((text) =>
      all(text, /((?:test|bench|experiments)\/[\w./-]+)/g).map((path) => ({ file, path })),
    ),
  )

  it('is verified by tests that exist', () => {
    expect(verified.length).toBeGreaterThan(40)
    expect(verified.filter(({ path }) => !existsSync(join(ROOT, path)))).toEqual([])
  })

  it('names a test wherever it says that it is verified', () => {
    const claims = files.flatMap((file) => all(textOf(file), /(@verifiedBy)/g))
    const named = files.flatMap((file) => all(textOf(file), /@verifiedBy (test\/)/g))
    expect(named).toHaveLength(claims.length)
  })
})
