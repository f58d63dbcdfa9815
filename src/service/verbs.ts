import type { Logger } from 'pino'
import { keyRequestSchema } from '../client/api.ts'
import { InvalidInput } from '../numeric/errors.ts'
import { migrate } from '../runtime/state/migrations.ts'
import { openPlace, type State } from '../runtime/state/place.ts'
import { problemsOf } from '../study/problems.ts'
import { backup, restore } from './backup.ts'
import type { Config } from './config.ts'
import { doctor } from './doctor.ts'
import { createKey, listKeys, revokeKey } from './keys.ts'
import type { ServiceOptions } from './options.ts'
import { serve } from './serve.ts'
import { withDatabase } from './with-database.ts'
import { work } from './work.ts'

type Verb = (options: ServiceOptions, log: Logger, signal: AbortSignal) => Promise<void>

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const untilAborted = (signal: AbortSignal): Promise<unknown> =>
  signal.aborted ? Promise.resolve() : new Promise((done) => signal.addEventListener('abort', done, { once: true }))

/** Up to the last @: a password may hold one, and what is hidden too much does no harm. */
const withoutPassword = (url: string): string =>
  url.replace(/:\/\/([^:/?#@]*):.*@/s, '://$1:…@').replaceAll(/([?&]\w*password=)[^&#]*/gi, '$1…')

/** Secrets are not shown. */
const shownConfig = (config: Config): object => ({
  ...config,
  databaseUrl: config.databaseUrl === null ? null : withoutPassword(config.databaseUrl),
})

const serveVerb: Verb = async ({ config, printConfig }, log, signal) => {
  if (printConfig) return say(JSON.stringify(shownConfig(config), null, 2))
  const service = await serve(config, log)
  const host = config.host.includes(':') ? `[${config.host}]` : config.host
  say(`Nestwave serves on http://${host}:${service.port} (its API: http://${host}:${service.port}/docs)`)
  if (service.umbridgePort !== null) say(`UM-Bridge on http://${host}:${service.umbridgePort}`)
  await untilAborted(signal)
  say('stopping: chunks under way are finished or handed back')
  await service.stop()
}

const withState = (config: Config, action: (state: State) => Promise<void>): Promise<void> =>
  withDatabase(config, async () => {
    const state = await openPlace({ data: config.data, databaseUrl: config.databaseUrl }, 4)
    try {
      await migrate(state.database)
      await action(state)
    } finally {
      await state.database.close()
    }
  })

const keysVerb: Verb = async ({ config, positionals, key }) => {
  const [action = 'list', id] = positionals
  await withState(config, async ({ database }) => {
    if (action === 'list') return say(JSON.stringify(await listKeys(database), null, 2))
    if (action === 'create') {
      const parsed = keyRequestSchema.safeParse(key, { reportInput: true })
      if (!parsed.success) throw new InvalidInput(problemsOf(parsed.error).map((p) => ({ ...p, path: `--${p.path}` })))
      return say(JSON.stringify(await createKey(database, parsed.data), null, 2))
    }
    if (action !== 'revoke') throw InvalidInput.of('keys', 'list, create or revoke', action)
    if (!/^[0-9a-f-]{36}$/.test(id ?? '') || !(await revokeKey(database, id)))
      throw InvalidInput.of('keys revoke', 'the id of a key', id ?? 'nothing')
  })
}

const folderOf = (verb: string, positionals: readonly string[]): string => {
  if (positionals.length !== 1)
    throw InvalidInput.of(verb, 'one folder', positionals.length === 0 ? 'nothing' : positionals.join(' '))
  return positionals[0]
}

/** What the service's program can be asked for. */
export const SERVICE_VERBS = {
  serve: serveVerb,
  worker: async ({ config, printConfig }, log, signal) =>
    printConfig ? say(JSON.stringify(shownConfig(config), null, 2)) : work(config, log, signal),
  keys: keysVerb,
  backup: async ({ config, positionals }) => {
    const folder = folderOf('backup', positionals)
    await withState(config, async (state) => say(await backup(state, folder)))
  },
  restore: async ({ config, positionals }) => {
    const folder = folderOf('restore', positionals)
    await withState(config, async (state) => say(await restore(state, folder)))
  },
  doctor: async ({ config }) => {
    const { text, healthy } = await doctor(config)
    say(text)
    if (!healthy) throw new Error('something needs attention')
  },
} as const satisfies Readonly<Record<string, Verb>>
export type ServiceVerb = keyof typeof SERVICE_VERBS

export const SERVICE_HELP: Readonly<Record<ServiceVerb, string>> = {
  serve: `nestwave serve [--host H] [--port P] [--data DIR] [--slots N] [--umbridge-port P] [--print-config]

The service: API, queue, database and worker. Default: http://127.0.0.1:8080, data in ./data, one working process per core, no keys.
On other addresses than loopback it asks for API keys (nestwave keys create). Stop it with Ctrl-C: chunks under way are finished or
handed back; a second Ctrl-C ends it at once, which loses nothing either. --slots 0 serves without computing (see worker).
--umbridge-port P adds a port with UM-Bridge at its root. --print-config shows the settings and ends.

Settings come from defaults, the JSON file that NESTWAVE_CONFIG names, the environment (PORT, HOST, NESTWAVE_DATA, DATABASE_URL, …)
and flags, the later before the earlier; docs/service.md lists them.
`,
  worker: `nestwave worker [--data DIR] [--slots N]

Computes for a service: takes chunks and recipes from the queue in DATABASE_URL. Run as many as you like, on as many machines as
share the data folder. Stop it with Ctrl-C or SIGTERM; what it cannot finish in half a minute is handed back.
`,
  keys: `nestwave keys list | create [--owner O] [--name N] [--scopes read,write,admin] | revoke ID

API keys. \`create\` prints the key once; only its hash is kept. Jobs belong to the owner of the key that made them.
`,
  backup: `nestwave backup DIR

Copies the service's state into DIR while it runs: tables and files as of one moment. Files that DIR has already are not copied
again, so the same DIR can be used every night.
`,
  restore: `nestwave restore DIR

Puts a backup into an empty data folder. Jobs that were under way go on from what they had finished when the service starts.
`,
  doctor: `nestwave doctor

Checks what the service needs: Node, PostgreSQL, data folder, disk space, ports, tensor runtime, workers. Exit code 1 if something
needs attention.
`,
}
