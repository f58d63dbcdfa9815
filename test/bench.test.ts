import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')
const bench = (...given: string[]) =>
  spawnSync(process.execPath, ['bench/run.ts', ...given], { cwd: ROOT, encoding: 'utf8' })

const NAMES = ['full-domain', 'submodel', 'decode', 'train', 'sample', 'all']

describe('npm run bench', () => {
  it('lists the benches when it is given none', () => {
    const { status, stdout } = bench()
    expect(status).toBe(0)
    for (const name of NAMES) expect(stdout).toMatch(new RegExp(`^  ${name} +\\S`, 'm'))
  })

  it.each([
    [['sorting'], "no bench is called 'sorting'"],
    [['decode', 'train'], 'one bench at a time'],
    [['decode', '--yaml'], '--yaml'],
  ])('refuses %j with exit code 2 and the list', (given, complaint) => {
    const { status, stdout, stderr } = bench(...given)
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr.split('\n')[0]).toContain(complaint)
    for (const name of NAMES) expect(stderr).toMatch(new RegExp(`^  ${name} +\\S`, 'm'))
  })

  it('prints a table, and with --json one object on the last line', () => {
    const { status, stdout } = bench('decode', '--json')
    expect(status).toBe(0)
    const lines = stdout.trimEnd().split('\n')
    const { name, figures, machine } = JSON.parse(lines.at(-1)!)
    expect(name).toBe('decode')
    expect(Object.keys(figures)).toEqual([
      ...['decodeInto', 'prepared', 'naive', 'mlMatrix'],
      ...['preparedRatio', 'halfRatio', 'naiveRatio', 'mlMatrixRatio'],
    ])
    for (const value of Object.values(figures)) expect(value).toBeGreaterThan(0)
    expect(figures.naiveRatio).toBeCloseTo(figures.decodeInto / figures.naive, 9)
    expect(Object.keys(machine)).toEqual(['cpu', 'cores', 'node', 'platform'])
    for (const key of Object.keys(figures)) expect(lines.some((line) => line.startsWith(`  ${key} `))).toBe(true)
  })
})
