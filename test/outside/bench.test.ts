import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { skipped } from './skip.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const SUBMODEL = ['whole', 'decode', 'drive', 'step', 'quantities', 'csrWhole', 'csrStep', 'wholeRatio', 'stepRatio']
const FIGURES = {
  'full-domain': ['interleaved', 'csr', 'ratio'],
  submodel: SUBMODEL,
  train: ['critic', 'generator', 'torchCritic', 'torchGenerator', 'criticRatio', 'generatorRatio'],
}

/** The contestants of a bench check one another: it fails when they no longer compute the same thing. */
describe('benches beside their references', () => {
  it.each(Object.entries(FIGURES))('%s', (name, keys) => {
    const { status, stdout } = spawnSync(process.execPath, ['bench/run.ts', name, '--json'], {
      cwd: ROOT,
      encoding: 'utf8',
    })
    expect(status).toBe(0)
    const reference = !stdout.includes('skipped: python3-torch')
    if (!reference) skipped('python3-torch')
    const { figures } = JSON.parse(stdout.trimEnd().split('\n').at(-1)!)
    expect(Object.keys(figures)).toEqual(reference ? keys : ['critic', 'generator'])
  })
})
