import { join } from 'node:path'
import { connectionOf } from '../postgres/postgres.ts'
import type { Place } from '../worker/protocol.ts'
import { type BlobStore, diskBlobs } from './blobs.ts'
import { type Database, openDatabase } from './database.ts'

export interface State {
  readonly database: Database
  readonly blobs: BlobStore
}

export const postgresFolder = (data: string): string => join(data, 'postgres')

/** Opens what a place names: the database by its address, or the embedded one by its socket. */
export const openPlace = async ({ data, databaseUrl }: Place, connections: number): Promise<State> => {
  const config =
    databaseUrl === null
      ? { ...(await connectionOf(postgresFolder(data))), ssl: false }
      : { connectionString: databaseUrl }
  return { database: openDatabase(config, connections), blobs: diskBlobs(join(data, 'blobs')) }
}
