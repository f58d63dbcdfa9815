import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { skipped } from './skip.ts'

const FIXTURES = resolve(import.meta.dirname, '../fixtures')
const TESTS = resolve(import.meta.dirname, '..')

/** A folder whose script is run here: `script OUTPUT` writes what was committed as `file`. */
interface Remade {
  readonly script: string
  readonly file: string
  /** What Python must be able to import. */
  readonly needs: readonly string[]
  /** Accepted difference, relative to the largest number of its list. */
  readonly tolerance: number
}
/** A folder that a test of `npm test` makes again by itself. */
interface Elsewhere {
  readonly by: string
}

const FOLDERS: Readonly<Record<string, Remade | Elsewhere>> = {
  'fenics-plate': {
    script: 'solve.py',
    file: 'fenics-plate.json',
    needs: ['dolfin', 'numpy', 'scipy'],
    tolerance: 1e-9,
  },
  gmsh: { by: 'mesh/gmsh.test.ts' },
  'gradient-penalty': { by: 'tensor/gradient-penalty.test.ts' },
  numpy: { script: 'make.py', file: 'numpy.json', needs: ['numpy'], tolerance: 0 },
  'scipy-stats': { script: 'make.py', file: 'values.json', needs: ['numpy', 'scipy'], tolerance: 1e-13 },
  'training-step': { by: 'generative/executors-agree.test.ts' },
}

/** The first Python that has the modules: the system's knows Debian's packages, another may come first in the path. */
const pythonWith = (modules: readonly string[]): string | undefined =>
  ['/usr/bin/python3', 'python3'].find(
    (python) => spawnSync(python, ['-c', `import ${modules.join(', ')}`]).status === 0,
  )

/** Keys that tell who made a fixture, not what it holds. */
const MAKER = new Set(['by', 'program', 'version', 'numpy'])

/** Where two values differ by more than the tolerance, at most a few places. */
const differences = (made: unknown, kept: unknown, tolerance: number, path = '$'): string[] => {
  if (typeof kept === 'number') return compareNumbers([made], [kept], tolerance, path)
  if (Array.isArray(kept)) {
    if (!Array.isArray(made) || made.length !== kept.length) return [`${path}: another length`]
    if (kept.every((x) => typeof x === 'number')) return compareNumbers(made, kept, tolerance, path)
    return kept.flatMap((value, k) => differences(made[k], value, tolerance, `${path}[${k}]`))
  }
  if (typeof kept !== 'object' || kept === null) return made === kept ? [] : [`${path}: ${made} for ${kept}`]
  const other = made as Record<string, unknown>
  const missing = Object.keys(other)
    .filter((key) => !(key in kept))
    .map((key) => `${path}.${key}: new`)
  const common = Object.entries(kept).filter(([key]) => !(MAKER.has(key) && typeof other[key] === 'string'))
  return [...missing, ...common.flatMap(([key, value]) => differences(other[key], value, tolerance, `${path}.${key}`))]
}

const compareNumbers = (
  made: readonly unknown[],
  kept: readonly number[],
  tolerance: number,
  path: string,
): string[] => {
  const scale = Math.max(...kept.map(Math.abs))
  const at = kept.findIndex((value, k) => !(Math.abs((made[k] as number) - value) <= tolerance * scale))
  return at < 0 ? [] : [`${path}[${at}]: ${made[at]} for ${kept[at]}`]
}

const make = (python: string, script: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'nestwave-reference-'))
  try {
    const out = join(folder, 'out.json')
    execFileSync(python, [script, out], { stdio: ['ignore', 'ignore', 'pipe'] })
    return readFileSync(out, 'utf8')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const folders = readdirSync(FIXTURES)

describe("other programs' references", () => {
  it('are all known here', () => expect(Object.keys(FOLDERS).sort()).toEqual(folders.sort()))

  it('finds differences', () => {
    const kept = { a: [1, 2], b: { c: 'x', by: 'one' }, d: [[0, 1e-12]] }
    expect(differences({ ...kept, b: { c: 'x', by: 'two' } }, kept, 0)).toEqual([])
    expect(differences({ a: [1, 2 + 1e-9], b: { c: 'y', by: 'one', e: 1 }, d: [[0]] }, kept, 1e-12)).toEqual([
      '$.a[1]: 2.000000001 for 2',
      '$.b.e: new',
      '$.b.c: y for x',
      '$.d[0]: another length',
    ])
  })

  describe.each(folders)('%s', (name) => {
    const entry = FOLDERS[name]
    if ('by' in entry) {
      it(`is made again by test/${entry.by}`, () => {
        const text = readFileSync(join(TESTS, entry.by), 'utf8')
        expect(text).toContain('execFileSync')
        expect(readdirSync(join(FIXTURES, name)).filter((file) => file.startsWith('make.')).length).toBe(1)
      })
      return
    }
    const { script, file, needs, tolerance } = entry
    const path = join(FIXTURES, name, script)
    const kept = readFileSync(join(FIXTURES, name, file), 'utf8')

    it('holds the hash of the script beside it', () => {
      expect(kept).toContain(createHash('sha256').update(readFileSync(path)).digest('hex'))
    })

    it('comes out the same again', ({ skip }) => {
      const python = pythonWith(needs)
      if (python === undefined) {
        skipped(`${name} (Python with ${needs.join(', ')})`)
        return skip()
      }
      expect(differences(JSON.parse(make(python, path)), JSON.parse(kept), tolerance).slice(0, 5)).toEqual([])
    })
  })
})
