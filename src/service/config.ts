import { readFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { resolve } from 'node:path'
import { z } from 'zod'
import { InvalidInput, type Problem } from '../numeric/errors.ts'
import { problemsOf } from '../study/problems.ts'

const MIB = 2 ** 20
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])

/** The service's settings. A file holds them by these names; the environment by the names in {@link VARIABLES}. */
export const configSchema = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').meta({ description: 'address to listen on' }),
  port: z.int().min(0).max(65535).default(8080).meta({ description: 'port; 0: any free one' }),
  umbridgePort: z
    .int()
    .min(0)
    .max(65535)
    .nullable()
    .default(null)
    .meta({ description: 'a further port with UM-Bridge at its root' }),
  data: z.string().min(1).default('./data').meta({ description: 'folder of everything the service keeps' }),
  databaseUrl: z
    .string()
    .nullable()
    .default(null)
    .meta({ description: 'PostgreSQL; null: the embedded one, in the data folder' }),
  slots: z
    .int()
    .min(0)
    .max(256)
    .default(availableParallelism())
    .meta({ description: 'processes that compute; 0: none here' }),
  desks: z.int().min(1).max(32).default(1).meta({ description: 'processes for validation and UM-Bridge' }),
  auth: z.enum(['auto', 'on', 'off']).default('auto').meta({ description: 'API keys; auto: off on loopback only' }),
  bodyBytes: z
    .int()
    .min(1024)
    .default(8 * MIB)
    .meta({ unit: 'byte', description: 'largest request body' }),
  meshBytes: z
    .int()
    .min(1024)
    .default(256 * MIB)
    .meta({ unit: 'byte', description: 'largest mesh' }),
  memoryBytes: z
    .int()
    .min(64 * MIB)
    .default(Math.max(512 * MIB, Math.floor((0.8 * totalmem()) / availableParallelism())))
    .meta({ unit: 'byte', description: 'memory of a working process, where its job sets no limit' }),
  activeJobs: z.int().min(1).default(20_000).meta({ description: 'queued and running jobs of one owner' }),
  ownerBytes: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .meta({ unit: 'byte', description: 'files of one owner; null: no limit' }),
  requestsPerMinute: z.int().min(1).nullable().default(null).meta({
    description: 'of one key, or of one address where keys are off; null: 6,000 with keys, no limit without',
  }),
  retentionDays: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .meta({ unit: 'd', description: 'ended jobs are removed after it; null: never' }),
  webhooksToPrivate: z.boolean().default(false).meta({ description: 'allow webhooks to private addresses' }),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
})
export type Config = z.infer<typeof configSchema>

export const VARIABLES: Readonly<Record<keyof Config, string>> = {
  host: 'HOST',
  port: 'PORT',
  umbridgePort: 'NESTWAVE_UMBRIDGE_PORT',
  data: 'NESTWAVE_DATA',
  databaseUrl: 'DATABASE_URL',
  slots: 'NESTWAVE_SLOTS',
  desks: 'NESTWAVE_DESKS',
  auth: 'NESTWAVE_AUTH',
  bodyBytes: 'NESTWAVE_BODY_BYTES',
  meshBytes: 'NESTWAVE_MESH_BYTES',
  memoryBytes: 'NESTWAVE_MEMORY_BYTES',
  activeJobs: 'NESTWAVE_ACTIVE_JOBS',
  ownerBytes: 'NESTWAVE_OWNER_BYTES',
  requestsPerMinute: 'NESTWAVE_REQUESTS_PER_MINUTE',
  retentionDays: 'NESTWAVE_RETENTION_DAYS',
  webhooksToPrivate: 'NESTWAVE_WEBHOOKS_TO_PRIVATE',
  logLevel: 'NESTWAVE_LOG_LEVEL',
}

/** A variable's text as the value it stands for. */
const settingOf = (text: string): unknown => {
  if (text === 'null') return null
  if (text === 'true' || text === 'false') return text === 'true'
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}

const fromEnvironment = (env: NodeJS.ProcessEnv): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(VARIABLES).flatMap(([key, name]) => {
      const text = env[name]
      return text === undefined || text === '' ? [] : [[key, key === 'data' || key === 'host' ? text : settingOf(text)]]
    }),
  )

const fromFile = (path: string | undefined): Record<string, unknown> => {
  if (path === undefined) return {}
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw InvalidInput.of('NESTWAVE_CONFIG', 'a JSON file of settings', `${path}: ${(error as Error).message}`)
  }
}

/** A problem with a setting is told by the name it was given under. */
const named = (env: NodeJS.ProcessEnv, problem: Problem): Problem => {
  const variable = VARIABLES[problem.path as keyof Config]
  return variable !== undefined && env[variable] ? { ...problem, path: variable } : problem
}

export const isLoopback = (host: string): boolean => LOOPBACK.has(host) || /^127(\.\d{1,3}){3}$/.test(host)

/**
 * The settings: defaults, then the file that NESTWAVE_CONFIG names, then the environment, then flags.
 * @throws InvalidInput with every problem
 * @verifiedBy test/service/config.test.ts
 */
export const loadConfig = (env: NodeJS.ProcessEnv, flags: Readonly<Record<string, unknown>> = {}): Config => {
  const given = { ...fromFile(env.NESTWAVE_CONFIG), ...fromEnvironment(env), ...flags }
  const result = configSchema.safeParse(given, { reportInput: true })
  if (!result.success) throw new InvalidInput(problemsOf(result.error).map((p) => named(env, p)))
  const config = { ...result.data, data: resolve(result.data.data) }
  if (config.auth === 'off' && !isLoopback(config.host))
    throw InvalidInput.of(
      'auth',
      `'on' or 'auto': without keys the service listens on this machine only`,
      `'off' with host ${config.host}`,
    )
  return config
}

export const needsKeys = ({ auth, host }: Config): boolean => auth === 'on' || (auth === 'auto' && !isLoopback(host))
