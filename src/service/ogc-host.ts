import { type JobRequest, jobRequestSchema } from '../client/api.ts'
import { InvalidInput } from '../numeric/errors.ts'
import { problemsOf } from '../study/problems.ts'
import type { Context } from './context.ts'
import { jobResource } from './job-resource.ts'
import { cancel, listJobs } from './job-service.ts'
import type { OgcHost } from './ogc.ts'
import { resultsOf } from './results.ts'
import { ownJob } from './routes/owned.ts'
import { idempotencyKeyOf, submit } from './submit.ts'

/** The same jobs, for clients of OGC API - Processes. */
export const ogcHost = (context: Context): OgcHost => ({
  create: async (caller, kind, inputs, request, form) => {
    const parsed = jobRequestSchema.safeParse({ ...(inputs as Partial<JobRequest>), kind }, { reportInput: true })
    if (!parsed.success) throw new InvalidInput(problemsOf(parsed.error))
    return jobResource((await submit(context, caller, parsed.data, idempotencyKeyOf(request), form)).row)
  },
  responseForm: async (caller, id) => (await ownJob(context, caller, id)).options.response ?? 'document',
  get: async (caller, id) => jobResource(await ownJob(context, caller, id)),
  list: (caller, query) => listJobs(context, caller.owner, query),
  results: async (caller, id) => resultsOf(context, await ownJob(context, caller, id)),
  dismiss: async (caller, id) => cancel(context, (await ownJob(context, caller, id)).id),
})
