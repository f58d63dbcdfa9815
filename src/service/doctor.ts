import { access, constants, mkdir, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { openPlace } from '../runtime/state/place.ts'
import { VERSION } from '../study/version.ts'
import { type Config, needsKeys } from './config.ts'
import { withDatabase } from './with-database.ts'

interface Finding {
  readonly what: string
  readonly good: boolean
  readonly says: string
}

type Check = readonly [what: string, check: (config: Config) => Promise<string>]

const NEEDED = [22, 18]
const GIB = 2 ** 30
const LEAST_FREE = GIB

const freePort = ({ host, port }: Config): Promise<string> =>
  new Promise((done, failed) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? done(`${host}:${port} is in use (by this service, if it runs)`) : failed(error),
    )
    server.listen(port, host, () => server.close(() => done(`${host}:${port} is free`)))
  })

const askDatabase = async (config: Config): Promise<string> => {
  const { database } = await openPlace({ data: config.data, databaseUrl: config.databaseUrl }, 1)
  try {
    const [{ version }] = await database.query<{ version: string }>('select version() as version')
    const [{ sync }] = await database.query<{ sync: string }>(`select current_setting('fsync') as sync`)
    if (sync !== 'on') throw new Error('fsync is off: a crash of the machine would lose jobs')
    return `${version.split(' on ')[0]}, ${config.databaseUrl === null ? 'embedded' : 'by DATABASE_URL'}`
  } finally {
    await database.close()
  }
}

const CHECKS: readonly Check[] = [
  [
    'Node',
    async () => {
      const [major, minor] = process.versions.node.split('.').map(Number)
      if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1]))
        throw new Error(`${process.version}; needs ${NEEDED.join('.')}`)
      return process.version
    },
  ],
  [
    'data folder',
    async ({ data }) => {
      await mkdir(data, { recursive: true, mode: 0o700 })
      await access(data, constants.R_OK | constants.W_OK | constants.X_OK)
      return data
    },
  ],
  [
    'disk space',
    async ({ data }) => {
      const { bavail, bsize } = await statfs(data)
      const free = bavail * bsize
      if (free < LEAST_FREE) throw new Error(`${(free / GIB).toFixed(1)} GiB free; a dataset takes about one`)
      return `${(free / GIB).toFixed(1)} GiB free`
    },
  ],
  ['PostgreSQL', (config) => withDatabase(config, () => askDatabase(config))],
  ['port', freePort],
  [
    'tensor runtime',
    async () => {
      const { executorSurvey } = await import('../study/executor-check.ts')
      return executorSurvey()
    },
  ],
  [
    'API keys',
    async (config) => (needsKeys(config) ? 'asked for' : 'not asked for: only this machine can reach the service'),
  ],
]

const examine = async ([what, check]: Check, config: Config): Promise<Finding> => {
  try {
    return { what, good: true, says: await check(config) }
  } catch (error) {
    return { what, good: false, says: (error as Error).message }
  }
}

/** Looks at everything the service needs. */
export const doctor = async (config: Config): Promise<{ readonly text: string; readonly healthy: boolean }> => {
  const findings: Finding[] = []
  for (const check of CHECKS) findings.push(await examine(check, config))
  const width = Math.max(...findings.map(({ what }) => what.length))
  const further = `\n${' '.repeat('FAIL'.length + width + 4)}`
  const lines = findings.map(
    ({ what, good, says }) => `${good ? 'ok  ' : 'FAIL'}  ${what.padEnd(width)}  ${says.replaceAll('\n', further)}`,
  )
  return { text: [`Nestwave ${VERSION}`, ...lines].join('\n'), healthy: findings.every(({ good }) => good) }
}
