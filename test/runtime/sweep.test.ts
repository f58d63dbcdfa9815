import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recordFile } from '../../src/runtime/state/stored-folder.ts'
import { sweep } from '../../src/runtime/state/sweep.ts'
import { type Opened, openState } from './state.ts'

let opened: Opened
beforeAll(async () => {
  opened = await openState()
})
afterAll(() => opened.remove())

const put = (text: string) => opened.state.blobs.put(new TextEncoder().encode(text))
const isThere = (sha256: string): Promise<boolean> =>
  opened.state.blobs.read(sha256).then(
    () => true,
    () => false,
  )

/** A job that ended some days ago, with a file. */
const endedJob = async (days: number): Promise<{ id: string; sha256: string }> => {
  const id = randomUUID()
  const blob = await put(id)
  await opened.state.database.query(
    `insert into nestwave.job (id, owner, kind, title, state, study, mesh_name, mesh_sha256, options, priority, limits, ended_at)
     values ($1, 'olga', 'run', '', 'succeeded', '{}', '', '', '{}', 0, '{}', clock_timestamp() - make_interval(days => $2))`,
    [id, days],
  )
  await recordFile(opened.state.database, id, 'report.json', blob)
  return { id, sha256: blob.sha256 }
}

describe('a sweep', () => {
  it('removes what nothing refers to, and nothing else', async () => {
    const job = await endedJob(1)
    const orphan = await put('orphan')
    expect(await sweep(opened.state, null)).toMatchObject({ jobs: 0, blobs: 0 })
    expect(await isThere(orphan.sha256)).toBe(true)
    expect(await sweep(opened.state, null, 0)).toMatchObject({ jobs: 0, blobs: 1, bytes: orphan.size })
    expect(await isThere(orphan.sha256)).toBe(false)
    expect(await isThere(job.sha256)).toBe(true)
  })

  it('removes jobs past their retention with their files', async () => {
    const [old, young] = [await endedJob(40), await endedJob(20)]
    expect((await sweep(opened.state, 30, 0)).jobs).toBe(1)
    expect([await isThere(old.sha256), await isThere(young.sha256)]).toEqual([false, true])
    const left = await opened.state.database.query('select folder from nestwave.file where folder = $1', [old.id])
    expect(left).toEqual([])
  })
})
