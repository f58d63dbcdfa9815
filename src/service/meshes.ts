import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { type MeshResource, meshNameSchema } from '../client/api.ts'
import { InvalidInput } from '../numeric/errors.ts'
import { TooLarge } from '../runtime/state/blobs.ts'
import type { MeshSurvey } from '../study/survey.ts'
import type { Context } from './context.ts'
import { unwelcomeParts } from './json-text.ts'
import { notFound, Refusal } from './problem.ts'

interface MeshRow {
  readonly name: string
  readonly sha256: string
  readonly size: number
  readonly survey: MeshSurvey
  readonly created_at: Date
}

const BUNDLED = resolve(import.meta.dirname, '../../meshes')
/** Whose meshes everybody may use: those that come with the package. No key can have this owner's name. */
const EVERYBODY = '*'

const resource = (row: MeshRow, bundled: boolean): MeshResource => ({
  name: row.name,
  sha256: row.sha256,
  size: row.size,
  createdAt: bundled ? null : row.created_at.toISOString(),
  survey: row.survey as unknown as MeshResource['survey'],
})

const store = async (
  context: Context,
  owner: string,
  name: string,
  source: Readable,
  most: number,
): Promise<{ row: MeshRow; created: boolean }> => {
  const { blobs, database, desk } = context
  const blob = await blobs.putStream(source, most).catch((error) => {
    if (!(error instanceof TooLarge)) throw error
    throw new Refusal(413, 'too-large', 'Too large', `a mesh may have ${most} bytes (meshBytes)`)
  })
  const survey = await desk.ask<MeshSurvey>({ ask: 'mesh', name, sha256: blob.sha256 })
  const unwelcome = unwelcomeParts(survey, name)
  if (unwelcome.length > 0) throw new InvalidInput(unwelcome)
  const [row] = await database.query<MeshRow & { created: boolean }>(
    `insert into nestwave.mesh (owner, name, sha256, size, survey) values ($1, $2, $3, $4, $5)
     on conflict (owner, name) do update set sha256 = excluded.sha256, size = excluded.size, survey = excluded.survey,
       created_at = clock_timestamp() returning *, (xmax = 0) as created`,
    [owner, name, blob.sha256, blob.size, JSON.stringify(survey)],
  )
  return { row, created: row.created }
}

/** Puts the meshes that come with the package into the store. */
export const storeBundledMeshes = async (context: Context): Promise<void> => {
  for (const name of (await readdir(BUNDLED)).filter((file) => file.endsWith('.msh'))) {
    const { size } = await stat(join(BUNDLED, name))
    const [known] = await context.database.query(
      'select 1 from nestwave.mesh where owner = $1 and name = $2 and size = $3',
      [EVERYBODY, name, size],
    )
    if (known === undefined) await store(context, EVERYBODY, name, createReadStream(join(BUNDLED, name)), size)
  }
}

export const meshName = (text: string): string => {
  const parsed = meshNameSchema.safeParse(text)
  if (!parsed.success) throw InvalidInput.of('name', 'letters, digits, _ . - and .msh at the end (at most 100)', text)
  return parsed.data
}

export const putMesh = async (context: Context, owner: string, name: string, source: Readable) => {
  const { row, created } = await store(context, owner, name, source, context.config.meshBytes)
  return { resource: resource(row, false), created }
}

export const listMeshes = async ({ database }: Context, owner: string): Promise<MeshResource[]> => {
  const rows = await database.query<MeshRow & { owner: string }>(
    'select * from nestwave.mesh where owner in ($1, $2) order by name, owner = $2',
    [owner, EVERYBODY],
  )
  return rows.map((row) => resource(row, row.owner === EVERYBODY))
}

/** A mesh by name: the owner's own before a bundled one. */
export const findMesh = async ({ database }: Context, owner: string, name: string): Promise<MeshResource | null> => {
  const [row] = await database.query<MeshRow & { owner: string }>(
    'select * from nestwave.mesh where owner in ($1, $2) and name = $3 order by owner = $2 limit 1',
    [owner, EVERYBODY, name],
  )
  return row === undefined ? null : resource(row, row.owner === EVERYBODY)
}

export const removeMesh = async ({ database }: Context, owner: string, name: string): Promise<void> => {
  const rows = await database.query('delete from nestwave.mesh where owner = $1 and name = $2 returning name', [
    owner,
    name,
  ])
  if (rows.length === 0) throw notFound('mesh')
}

/** The name that a study's `domain.mesh` stands for: the last part of a path, so that study files need no change. */
export const meshNameOf = (path: string): string => path.split(/[/\\]/).at(-1)!
