import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '../../src/runtime/postgres/postgres.ts'
import { migrate } from '../../src/runtime/state/migrations.ts'
import { openPlace, postgresFolder, type State } from '../../src/runtime/state/place.ts'

export interface Opened {
  readonly state: State
  remove(): Promise<void>
}

/** A state of its own: the real database in a temporary folder. */
export const openState = async (): Promise<Opened> => {
  const data = mkdtempSync(join(tmpdir(), 'nestwave-state-'))
  const postgres = await startPostgres(postgresFolder(data))
  const state = await openPlace({ data, databaseUrl: null }, 6)
  await migrate(state.database)
  return {
    state,
    remove: async () => {
      await state.database.close()
      await postgres.stop()
      rmSync(data, { recursive: true, force: true })
    },
  }
}
