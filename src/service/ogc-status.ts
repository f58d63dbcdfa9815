import type { JobResource } from '../client/api.ts'
import { type JobListQuery, type Link, OGC_STATUS, relation, type StatusInfo } from './ogc-schema.ts'

const messageOf = ({ state, reason, error, progress }: JobResource): string => {
  if (error !== null) return error.message
  if (reason !== null) return reason
  if (state === 'running' && progress !== null) return `${progress.stage}: ${progress.done} of ${progress.total}`
  return OGC_STATUS[state]
}

const progressOf = ({ state, progress }: JobResource): number => {
  if (state === 'succeeded') return 100
  if (progress === null || progress.total === 0) return 0
  return Math.min(99, Math.floor((100 * progress.done) / progress.total))
}

const JSON_TYPE = 'application/json'

const linksOf = ({ id, state }: JobResource, base: string): Link[] => {
  const self = `${base}/jobs/${id}`
  const results = { href: `${self}/results`, rel: relation('results'), type: JSON_TYPE, title: 'its results' }
  return [
    { href: self, rel: 'self', type: JSON_TYPE, title: 'this document' },
    { href: self, rel: 'monitor', type: JSON_TYPE, title: 'how it goes' },
    { href: `${base}/v1/jobs/${id}`, rel: 'alternate', type: JSON_TYPE, title: "the same job in Nestwave's own API" },
    ...(state === 'succeeded' ? [results] : []),
  ]
}

/** A job as the standard's statusInfo. */
export const statusInfo = (job: JobResource, base: string): StatusInfo => ({
  processID: job.kind,
  type: 'process',
  jobID: job.id,
  id: job.id,
  status: OGC_STATUS[job.state],
  message: messageOf(job),
  progress: progressOf(job),
  created: job.createdAt,
  ...(job.startedAt === null ? {} : { started: job.startedAt }),
  ...(job.endedAt === null ? {} : { finished: job.endedAt }),
  updated: job.endedAt ?? job.startedAt ?? job.createdAt,
  links: linksOf(job, base),
})

const OPEN = ['', '..']

const isWithin = (time: number, datetime: string): boolean => {
  const [low, high = low] = datetime.split('/')
  return (OPEN.includes(low) || time >= Date.parse(low)) && (OPEN.includes(high) || time <= Date.parse(high))
}

/** s; of a running job until now, of one that never ran nothing. */
const durationOf = ({ startedAt, endedAt }: JobResource): number =>
  startedAt === null
    ? Number.NaN
    : ((endedAt === null ? Date.now() : Date.parse(endedAt)) - Date.parse(startedAt)) / 1000

/** Whether a job is among those that a query asks for. A job without a duration is in no range of durations. */
export const isAsked = (job: JobResource, query: JobListQuery): boolean => {
  const { processID, status, datetime, minDuration, maxDuration } = query
  if (processID !== undefined && !processID.includes(job.kind)) return false
  if (status !== undefined && !status.includes(OGC_STATUS[job.state])) return false
  if (datetime !== undefined && !isWithin(Date.parse(job.createdAt), datetime)) return false
  if (minDuration !== undefined && !(durationOf(job) >= minDuration)) return false
  return maxDuration === undefined || durationOf(job) <= maxDuration
}
