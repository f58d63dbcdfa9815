import type { Artifact, ArtifactPage, JobEvent, Results } from '../client/api.ts'
import { foldersOf, jobFolder } from '../runtime/state/job-folder.ts'
import type { JobRow } from '../runtime/state/job-row.ts'
import { readJson } from '../study/folder.ts'
import { surveyFolder } from '../study/folder-survey.ts'
import type { Context } from './context.ts'

/** A file of a job, at the path of the study folder that the command line would have. */
export interface StoredFile {
  readonly path: string
  readonly sha256: string
  readonly size: number
}

/** The job's files in order of their paths, after one of them. */
export const filesOf = async (context: Context, job: string, after = '', limit = 1_000_000): Promise<StoredFile[]> => {
  const folders = [...(await foldersOf(context, job))]
  return context.database.query<StoredFile>(
    `select full_path as path, sha256, size from (
       select case when m.name = '' then f.path else m.name || '/' || f.path end collate "C" as full_path, f.sha256, f.size
       from jsonb_to_recordset($1) as m (name text, id uuid) join nestwave.file f on f.folder = m.id) as files
     where full_path > $2 collate "C" order by full_path limit $3`,
    [JSON.stringify(folders.map(([name, id]) => ({ name, id }))), after, limit],
  )
}

export const findFile = async (context: Context, job: string, path: string): Promise<StoredFile | null> => {
  const folders = await foldersOf(context, job)
  const [first, ...rest] = path.split('/')
  const shared = first !== '' ? folders.get(first) : undefined
  const [folder, inner] = shared !== undefined ? [shared, rest.join('/')] : [job, path]
  const [row] = await context.database.query<StoredFile>(
    'select path, sha256, size from nestwave.file where folder = $1 and path = $2',
    [folder, inner],
  )
  return row === undefined ? null : { ...row, path }
}

const encoded = (path: string): string => path.split('/').map(encodeURIComponent).join('/')

const artifact = (job: string, { path, sha256, size }: StoredFile): Artifact => ({
  path,
  sha256,
  size,
  href: `/v1/jobs/${job}/artifacts/${encoded(path)}`,
})

export const artifactPage = async (
  context: Context,
  job: string,
  limit: number,
  cursor?: string,
): Promise<ArtifactPage> => {
  const files = await filesOf(context, job, cursor ?? '', limit + 1)
  const page = files.slice(0, limit)
  return { items: page.map((file) => artifact(job, file)), next: files.length > limit ? page.at(-1)!.path : null }
}

/** What a job has so far; `partial` unless it succeeded. */
export const resultsOf = async (context: Context, row: JobRow): Promise<Results> => {
  const folder = await jobFolder(context, row.id)
  const begun = (await folder.read('study.json')) !== null
  const survey = begun && row.kind !== 'simulation' ? await surveyFolder(folder, row.id) : null
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    partial: row.state !== 'succeeded',
    revision: row.revision,
    series: survey === null ? [] : [...survey.series],
    report: survey?.report ?? null,
    result: row.kind === 'simulation' ? await readJson(folder, `simulation-${row.options.sample}/result.json`) : null,
  }
}

interface EventRow {
  readonly seq: number
  readonly at: Date
  readonly type: JobEvent['type']
  readonly data: Record<string, unknown>
}

export const eventsAfter = async (
  { database }: Context,
  job: string,
  after: number,
  limit = 500,
): Promise<JobEvent[]> => {
  const rows = await database.query<EventRow>(
    'select seq, at, type, data from nestwave.job_event where job = $1 and seq > $2 order by seq limit $3',
    [job, after, limit],
  )
  return rows.map(({ seq, at, type, data }) => ({ seq, at: at.toISOString(), type, data }))
}

const lineOf = ({ at, type, data }: JobEvent): string => {
  const text = (key: string): string => String(data[key] ?? '')
  const what: Readonly<Record<JobEvent['type'], () => string>> = {
    state: () => [text('state'), text('reason')].filter(Boolean).join(': '),
    stage: () => `${text('stage')}: ${text('total')} steps, ${text('found')} found finished`,
    progress: () => `${text('stage')}: ${text('done')}/${text('total')} ${text('detail')}`.trimEnd(),
    note: () => text('text'),
    warning: () => `warning: ${text('text')}`,
    failure: () => `failure (${text('type')}): ${text('message')}`,
  }
  return `${at} ${what[type]()}`
}

/** The job's history as lines of text; of the progress, only what is left of it: the last line. */
export const logOf = async (context: Context, job: string): Promise<string> => {
  const lines: string[] = []
  let last: JobEvent | null = null
  for (let after = 0; ; ) {
    const events = await eventsAfter(context, job, after)
    if (events.length === 0) break
    for (const event of events) {
      if (last?.type === 'progress' && event.type !== 'progress') lines.push(lineOf(last))
      if (event.type !== 'progress') lines.push(lineOf(event))
      last = event
    }
    after = events.at(-1)!.seq
  }
  if (last?.type === 'progress') lines.push(lineOf(last))
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}
