import { startPostgres } from '../runtime/postgres/postgres.ts'
import { openPlace, postgresFolder } from '../runtime/state/place.ts'
import type { Config } from './config.ts'

const answers = async ({ data }: Config): Promise<boolean> => {
  try {
    const { database } = await openPlace({ data, databaseUrl: null }, 1)
    await database.query('select 1').finally(() => database.close())
    return true
  } catch {
    return false
  }
}

/** With a database for the time of an action: an embedded one that did not run is started, and stopped again. */
export const withDatabase = async <T>(config: Config, action: () => Promise<T>): Promise<T> => {
  if (config.databaseUrl !== null || (await answers(config))) return action()
  const { stop } = await startPostgres(postgresFolder(config.data))
  return action().finally(stop)
}
