import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { InvalidInput } from '../../src/numeric/errors.ts'
import { loadConfig, needsKeys } from '../../src/service/config.ts'

const folder = mkdtempSync(join(tmpdir(), 'nestwave-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = (content: unknown): string => {
  const path = join(folder, 'config.json')
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const problemsOf = (action: () => unknown): readonly { path: string; expected: string }[] => {
  try {
    action()
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems
    throw error
  }
  return []
}

describe('the settings', () => {
  it('have defaults: loopback, port 8080, ./data, no keys', () => {
    const config = loadConfig({})
    expect(config).toMatchObject({ host: '127.0.0.1', port: 8080, databaseUrl: null, umbridgePort: null })
    expect(config.data).toBe(join(process.cwd(), 'data'))
    expect(needsKeys(config)).toBe(false)
  })

  it('are taken from the file, over it the environment, over it the flags', () => {
    const env = { NESTWAVE_CONFIG: file({ port: 1, slots: 3, host: '127.0.0.2' }), PORT: '2', NESTWAVE_DATA: '/x' }
    expect(loadConfig(env, { port: 9 })).toMatchObject({ port: 9, slots: 3, host: '127.0.0.2', data: '/x' })
    expect(loadConfig(env)).toMatchObject({ port: 2 })
  })

  it('read null, true and numbers from variables', () => {
    const env = { NESTWAVE_RETENTION_DAYS: '7.5', NESTWAVE_WEBHOOKS_TO_PRIVATE: 'true', NESTWAVE_OWNER_BYTES: 'null' }
    expect(loadConfig(env)).toMatchObject({ retentionDays: 7.5, webhooksToPrivate: true, ownerBytes: null })
  })

  it('tell every problem by the name it was given under', () => {
    const env = { PORT: 'eighty', NESTWAVE_CONFIG: file({ slots: -1, colour: 'red' }) }
    const problems = problemsOf(() => loadConfig(env))
    expect(problems.map(({ path }) => path).sort()).toEqual(['PORT', 'colour', 'slots'])
  })

  it('refuse a file that is missing or no JSON', () => {
    expect(problemsOf(() => loadConfig({ NESTWAVE_CONFIG: join(folder, 'none') }))).toHaveLength(1)
    expect(problemsOf(() => loadConfig({ NESTWAVE_CONFIG: file('{') }))).toHaveLength(1)
  })
})

describe('keys', () => {
  it.each([
    ['127.0.0.1', 'auto', false],
    ['::1', 'auto', false],
    ['0.0.0.0', 'auto', true],
    ['192.168.1.5', 'auto', true],
    ['127.0.0.1', 'on', true],
  ])('on %s with auth %s: %s', (host, auth, expected) => {
    expect(needsKeys(loadConfig({ HOST: host, NESTWAVE_AUTH: auth }))).toBe(expected)
  })

  it('cannot be off where others can reach the service', () => {
    expect(problemsOf(() => loadConfig({ HOST: '0.0.0.0', NESTWAVE_AUTH: 'off' }))[0].path).toBe('auth')
  })
})
