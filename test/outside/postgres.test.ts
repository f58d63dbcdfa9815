import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { chown } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { binariesFor, packagedBinaries } from '../../src/runtime/postgres/binaries.ts'
import { connectionOf, startPostgres } from '../../src/runtime/postgres/postgres.ts'
import { skipped } from './skip.ts'

const NOBODY = { uid: 65534, gid: 65534 }
const ROOT = process.getuid?.() === 0
/** `npm run verify`: 8. */
const KILLS = Number(process.env.NESTWAVE_POSTGRES_KILLS ?? 3)

let parent: string
let root: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'nestwave-postgres-test-'))
  root = join(parent, 'postgres')
})
afterEach(async () => {
  if (existsSync(join(root, 'data/PG_VERSION'))) await (await startPostgres(root)).stop()
  rmSync(parent, { recursive: true, force: true })
})

const query = async (text: string, change: object = {}): Promise<unknown[]> => {
  const client = new Client({ ...(await connectionOf(root)), ...change })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query({ text, rowMode: 'array' })).rows.flat()
  } finally {
    await client.end()
  }
}

const serverProcess = (): number => Number(readFileSync(join(root, 'data/postmaster.pid'), 'utf8').split('\n')[0])

/** Z: it has ended and its parent, in some containers one that never looks, has not noticed yet. */
const stateOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1][0]
  } catch {
    return 'gone'
  }
}

const MODULE = new URL('../../src/runtime/postgres/postgres.ts', import.meta.url).href

/** A process that starts the database and then does more with `database`. */
const starter = (more = '', options: SpawnOptions = {}): ChildProcess => {
  const program = `import { startPostgres } from ${JSON.stringify(MODULE)}
    const database = await startPostgres(${JSON.stringify(root)})
    ${more}`
  return spawn(process.execPath, ['--input-type=module', '-e', program], { ...options, stdio: 'inherit' })
}

const endOf = (child: ChildProcess): Promise<number | string | null> =>
  new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)))

describe('an ordinary user', () => {
  it('makes, runs and stops its own database', async ({ skip }) => {
    if (!ROOT) {
      skipped('another user than root')
      return skip()
    }
    await chown(parent, NOBODY.uid, NOBODY.gid)
    expect(await endOf(starter('', NOBODY))).toBe(0)
    expect(statSync(join(root, 'data')).uid).toBe(NOBODY.uid)
    expect(statSync(`/proc/${serverProcess()}`).uid).toBe(NOBODY.uid)
    const server = serverProcess()
    expect(await endOf(starter('await database.stop()', NOBODY))).toBe(0)
    await expect.poll(() => stateOf(server)).toMatch(/^(gone|Z)$/)
  })

  it('has its database run as itself when root starts it later', async ({ skip }) => {
    if (!ROOT) {
      skipped('another user than root')
      return skip()
    }
    await chown(parent, NOBODY.uid, NOBODY.gid)
    expect(await endOf(starter('await database.stop()', NOBODY))).toBe(0)
    await startPostgres(root)
    expect(statSync(`/proc/${serverProcess()}`).uid).toBe(NOBODY.uid)
  })
})

describe('programs that cannot be run where they lie', () => {
  const nativeIn = (folder: string): string => {
    cpSync(join(packagedBinaries(), '..'), folder, { recursive: true, verbatimSymlinks: true })
    const native = join(folder, 'native')
    const library = join(native, 'lib')
    const links = readdirSync(library, { withFileTypes: true }).filter((entry) => entry.isSymbolicLink())
    expect(links.length).toBe(14)
    for (const { name } of links) rmSync(join(library, name))
    return native
  }
  const linksIn = (native: string): number =>
    readdirSync(join(native, 'lib'), { withFileTypes: true }).filter((entry) => entry.isSymbolicLink()).length

  /** Temporary files go to a folder of the test's own, open to all as such folders are. */
  const withTemporary = async (action: (folder: string) => Promise<void>): Promise<void> => {
    const before = process.env['TMPDIR']
    const folder = mkdtempSync(join(tmpdir(), 'nestwave-tmp-'))
    chmodSync(folder, 0o1777)
    process.env['TMPDIR'] = folder
    try {
      await action(folder)
    } finally {
      if (before === undefined) delete process.env['TMPDIR']
      else process.env['TMPDIR'] = before
      rmSync(folder, { recursive: true, force: true })
    }
  }

  it('get their links, however many processes add them', async () => {
    const native = nativeIn(join(parent, 'package'))
    chmodSync(parent, 0o755)
    const account = ROOT ? NOBODY : null
    expect(await Promise.all([1, 2, 3].map(() => binariesFor(account, native)))).toEqual([native, native, native])
    expect(linksIn(native)).toBe(14)
  })

  it('are copied once to where they can, and again when the copy is damaged or not to be trusted', async ({ skip }) => {
    if (!ROOT) {
      skipped('another user than root')
      return skip()
    }
    const native = nativeIn(join(parent, 'package'))
    await withTemporary(async (folder) => {
      const copies = await Promise.all([1, 2].map(() => binariesFor(NOBODY, native)))
      const [shared] = readdirSync(folder)
      expect(readdirSync(folder)).toEqual([expect.stringMatching(/^nestwave-postgres-18\.4\.0-beta\.17-0$/)])
      expect(copies).toEqual([join(folder, shared, 'native'), join(folder, shared, 'native')])
      expect(linksIn(copies[0])).toBe(14)
      expect(await binariesFor(NOBODY, native)).toBe(copies[0])

      rmSync(join(copies[0], 'share/postgresql/timezonesets/Default'))
      const second = await binariesFor(NOBODY, native)
      expect(second).not.toBe(copies[0])
      expect(existsSync(join(second, 'share/postgresql/timezonesets/Default'))).toBe(true)

      // Somebody else's folder, even with a sound copy in it: he could exchange that at any time.
      rmSync(copies[0], { recursive: true })
      renameSync(second, copies[0])
      expect(await binariesFor(NOBODY, native)).toBe(copies[0])
      await chown(join(folder, shared), NOBODY.uid, NOBODY.gid)
      const third = await binariesFor(NOBODY, native)
      expect(third.startsWith(join(folder, shared))).toBe(false)
    })
  })
})

describe('kill -9', () => {
  it('while the database is made leaves none or a whole one, and the next start sweeps', async () => {
    for (let kill = 0; kill < KILLS; kill++) {
      const child = starter()
      const ended = endOf(child)
      await sleep(150 + (kill * 1050) / (KILLS - 1))
      child.kill('SIGKILL')
      await ended
      if (existsSync(join(root, 'data'))) expect(existsSync(join(root, 'data/PG_VERSION'))).toBe(true)
      const { stop } = await startPostgres(root)
      expect(await query('select 1')).toEqual([1])
      await stop()
      expect(readdirSync(root).sort()).toEqual(['data', 'log', 'password'])
      rmSync(root, { recursive: true })
    }
  })

  it('of the server amid writing, again and again, loses nothing that was committed', async () => {
    const { connection } = await startPostgres(root)
    await query('create table kept (n int primary key)')
    let committed = 0
    for (let round = 0; round < KILLS; round++) {
      const client = new Client(connection)
      client.on('error', () => {})
      await client.connect()
      const writing = (async () => {
        for (;;) {
          await client.query(`insert into kept values (${committed + 1})`)
          committed++
        }
      })().catch(() => {})
      await sleep(200 + 100 * round)
      process.kill(serverProcess(), 'SIGKILL')
      await startPostgres(root)
      await writing
      const [found] = (await query('select max(n) from kept')) as [number]
      // One more may have been committed than the client was told.
      expect(found - committed).toBeGreaterThanOrEqual(0)
      expect(found - committed).toBeLessThanOrEqual(1)
      committed = found
    }
    console.log(`${committed} rows kept`)
  })

  it('of the server while a session computes: what it left is ended and a new one starts', async () => {
    const { connection } = await startPostgres(root)
    const client = new Client(connection)
    client.on('error', () => {})
    await client.connect()
    const computing = client.query('select count(*) from generate_series(1, 20000000000)').catch(() => {})
    await sleep(1000)
    process.kill(serverProcess(), 'SIGKILL')
    const begin = performance.now()
    await startPostgres(root)
    console.log(`with a session that computes: ${Math.round(performance.now() - begin)} ms`)
    await computing
  })
})

describe('many processes', () => {
  it('that make and start one database at once all reach one server', async () => {
    const children = Array.from({ length: 4 }, () => starter())
    expect(await Promise.all(children.map(endOf))).toEqual([0, 0, 0, 0])
    expect(await query('select count(*)::int from pg_stat_activity where datname = current_database()')).toEqual([1])
    await startPostgres(root)
    expect(readdirSync(root).sort()).toEqual(['data', 'log', 'password'])
  })

  it('that start it after kill -9 of the server, too', async () => {
    await startPostgres(root)
    process.kill(serverProcess(), 'SIGKILL')
    const children = Array.from({ length: 4 }, () => starter())
    expect(await Promise.all(children.map(endOf))).toEqual([0, 0, 0, 0])
    expect(await query('select 1')).toEqual([1])
  })
})

describe('where asked to listen', () => {
  it('it is reached by TCP, with the password', async () => {
    const port = 20_000 + (process.pid % 10_000)
    await startPostgres(root, { listen: '127.0.0.1', port })
    expect(await connectionOf(root)).toMatchObject({ port })
    expect(await query('select 1', { host: '127.0.0.1' })).toEqual([1])
    await expect(query('select 1', { host: '127.0.0.1', password: 'guessed' })).rejects.toMatchObject({ code: '28P01' })
  })
})
