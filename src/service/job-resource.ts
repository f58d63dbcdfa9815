import type { JobResource, StageProgress } from '../client/api.ts'
import { isActive, type JobRow } from '../runtime/state/job-row.ts'
import { secondsLeft } from '../study/progress.ts'
import { problemItem } from './problem.ts'

const progressOf = (row: JobRow): StageProgress | null => {
  if (row.stage === null) return null
  const end = isActive(row) ? Date.now() : (row.ended_at?.getTime() ?? Date.now())
  const seconds = row.stage_started ? Math.max(0, end - row.stage_started.getTime()) / 1000 : 0
  return {
    stage: row.stage,
    done: row.stage_done,
    found: row.stage_found,
    total: row.stage_total,
    seconds,
    etaSeconds: isActive(row) ? secondsLeft(row.stage_done, row.stage_found, row.stage_total, seconds) : null,
    detail: row.stage_detail,
  }
}

const time = (date: Date | null): string | null => date?.toISOString() ?? null

/** A job as its owner sees it. */
export const jobResource = (row: JobRow): JobResource => {
  const self = `/v1/jobs/${row.id}`
  const link = (name: string): [string, string] => [name, `${self}/${name}`]
  return {
    id: row.id,
    kind: row.kind,
    title: row.title,
    state: row.state,
    reason: row.reason,
    error: row.error && {
      type: row.error.type,
      message: row.error.message,
      ...(row.error.problems ? { errors: row.error.problems.map((p) => problemItem(row.study, p)) } : {}),
    },
    progress: progressOf(row),
    attempts: row.attempts,
    revision: row.revision,
    priority: row.priority,
    limits: row.limits as JobResource['limits'],
    parent: row.parent,
    owner: row.owner,
    createdAt: row.created_at.toISOString(),
    startedAt: time(row.started_at),
    endedAt: time(row.ended_at),
    cpuSeconds: row.cpu_seconds,
    links: {
      self,
      ...Object.fromEntries(['events', 'logs', 'results', 'artifacts', 'provenance', 'export.zip'].map(link)),
    },
  }
}
