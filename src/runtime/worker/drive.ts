import { serialize } from 'node:v8'
import { readGmsh } from '../../mesh/gmsh.ts'
import { hashOf } from '../../study/canonical.ts'
import { checkOnMesh } from '../../study/check.ts'
import { writeJson } from '../../study/folder.ts'
import type { Job } from '../../study/job.ts'
import { JOB_STEPS } from '../../study/job-kinds.ts'
import type { Progress } from '../../study/progress.ts'
import { timed } from '../../study/progress.ts'
import { executorNameOf, STEPS, type StageName, stageInputs } from '../../study/steps.ts'
import { type DeferredWork, type DeferringRunner, Suspended } from '../../study/task.ts'
import { addTimings, readTimings } from '../../study/timings.ts'
import type { Sql } from '../state/database.ts'
import { foldersOf, jobFolder } from '../state/job-folder.ts'
import { findJob, type JobRow } from '../state/job-row.ts'
import type { State } from '../state/place.ts'
import { holdStage, leaveStage, stageFolder } from '../state/stages.ts'
import { storedFolder } from '../state/stored-folder.ts'
import type { ChunkOrder, DriveOutcome } from './protocol.ts'

/** Chunks put into the queue at once; a longer series is queued piece by piece, so that its inputs need little disk. */
const WINDOW = 512

/** Another attempt has taken over, or the job has ended: whatever this one still writes is refused. */
export class LostClaim extends Error {
  override readonly name = 'LostClaim'
}

/** Refuses writes once the job's claim is no longer ours. The row lock holds an end of the job off until the write is in. */
const fenceOf =
  (job: string, claim: string) =>
  async (sql: Sql): Promise<void> => {
    const [row] = await sql.query('select 1 from nestwave.job where id = $1 and claim = $2 for share', [job, claim])
    if (row === undefined) throw new LostClaim('this attempt at the job is over')
  }

/** Notes what a recipe waits for, with the inputs in the blob store. */
const deferring = (
  { blobs }: State,
  folders: ReadonlyMap<string, string>,
  took: (outcome: DriveOutcome) => void,
): DeferringRunner => ({
  workers: 1,
  defer: async (work: DeferredWork): Promise<never> => {
    const setup = (await blobs.put(serialize(work.setup))).sha256
    const chunks: ChunkOrder[] = []
    for await (const { file, count, input } of work.chunks) {
      const [first, ...rest] = file.split('/')
      const place = folders.has(first)
        ? { folder: folders.get(first)!, path: rest.join('/') }
        : { folder: folders.get('')!, path: file }
      chunks.push({ ...place, samples: count, input: (await blobs.put(serialize(input))).sha256 })
      if (chunks.length === WINDOW) break
    }
    const { stage, total, found, task } = work
    took({ kind: 'suspended', stage, total, found, task, setup, chunks })
    throw new Suspended(stage)
  },
})

/** Seconds that the chunks of a stage took until the last had come. */
const waitedFor = ({ stage, stage_started: since, stage_done, stage_found }: JobRow): Map<string, number> =>
  stage !== null && since !== null && stage_done > stage_found
    ? new Map([[stage, (Date.now() - since.getTime()) / 1000]])
    : new Map()

interface Prepared {
  readonly row: JobRow
  readonly job: Job
  readonly stages: Readonly<Partial<Record<StageName, string>>>
}

/** The folders of the stages that a job of this kind reads or writes; a simulation has none. */
const openStages = async (
  state: State,
  row: JobRow,
  job: Job,
): Promise<Readonly<Partial<Record<StageName, string>>>> => {
  if (row.kind === 'simulation') return {}
  const executor = row.kind === 'dataset' ? '' : await executorNameOf(job, row.options.executor)
  const inputs = stageInputs(row.study, row.mesh_sha256, executor)
  const names: readonly StageName[] = row.kind === 'dataset' ? ['dataset'] : ['dataset', 'model', 'estimate']
  const found: Partial<Record<StageName, string>> = {}
  for (const name of names) {
    const stage = { owner: row.owner, name, hash: hashOf(inputs[name]), title: row.title, job: row.id }
    found[name] = await stageFolder(state.database, stage)
  }
  return found
}

const prepare = async (
  state: State,
  id: string,
  claim: string,
  progress: Progress,
  took: (outcome: DriveOutcome) => void,
): Promise<Prepared> => {
  const row = await findJob(state.database, id)
  if (row === null) throw new LostClaim('the job is gone')
  const mesh = readGmsh(new TextDecoder().decode(await state.blobs.read(row.mesh_sha256)), row.mesh_name)
  const domain = checkOnMesh(row.study, mesh)
  const fence = fenceOf(id, claim)
  const own = storedFolder(state.database, state.blobs, id, fence)
  const seconds = waitedFor(row)
  const base = {
    ...{ study: row.study, domain, meshHash: row.mesh_sha256, progress: timed(progress, seconds) },
    signal: new AbortController().signal,
    timings: async () => {
      await addTimings(own, seconds)
      return readTimings(own)
    },
  }
  const none = deferring(state, new Map(), took)
  const stages = await openStages(state, row, { ...base, folder: own, runner: none })
  const folder = await jobFolder(state, id, fence)
  const runner = deferring(state, await foldersOf(state, id), took)
  return { row, job: { ...base, folder, runner }, stages }
}

/** Runs the recipes of a job one after the other, from the first that is not done. */
const runSteps = async (state: State, { row, job, stages }: Prepared, claim: string): Promise<DriveOutcome> => {
  const steps = JOB_STEPS[row.kind]
  const fence = fenceOf(row.id, claim)
  if (row.step === 0) {
    // With its mesh beside it the folder is whole: the command line can go on in it.
    await job.folder.write(row.mesh_name, await state.blobs.read(row.mesh_sha256))
    await writeJson(job.folder, 'study.json', row.study)
  }
  for (const [at, name] of steps.entries()) {
    if (at < row.step) continue
    const { writes, run } = STEPS[name]
    const stage = writes === null ? undefined : stages[writes]
    if (stage !== undefined && !(await holdStage(state.database, stage, row.id)))
      return { kind: 'waiting', stageId: stage, reason: `another job is making the same ${writes}` }
    await run(job, row.options)
    await state.database.transaction(async (sql) => {
      await fence(sql)
      if (stage !== undefined) await leaveStage(sql, stage, row.id)
      await sql.query('update nestwave.job set step = $2 where id = $1', [row.id, at + 1])
    })
  }
  await job.timings()
  return { kind: 'finished' }
}

/**
 * Runs a job's recipes until they are finished or wait for chunks.
 * @param claim names this attempt in the job's row
 */
export const drive = async (state: State, id: string, claim: string, progress: Progress): Promise<DriveOutcome> => {
  let outcome: DriveOutcome | null = null
  const prepared = await prepare(state, id, claim, progress, (taken) => {
    outcome = taken
  })
  try {
    return await runSteps(state, prepared, claim)
  } catch (error) {
    if (error instanceof Suspended && outcome !== null) {
      await prepared.job.timings()
      return outcome
    }
    throw error
  }
}
