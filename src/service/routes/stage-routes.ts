import { z } from 'zod'
import { stageListSchema, storedStageSchema } from '../../client/api.ts'
import type { Context } from '../context.ts'
import { notFound } from '../problem.ts'
import { type Route, route } from '../route.ts'
import { findStage, listStages } from '../stored-stages.ts'
import { idOf } from './owned.ts'

const TAG = 'Datasets and models'
const query = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.coerce.number().int().min(0).optional(),
})

const pair = (context: Context, name: 'dataset' | 'model', id: 'Dataset' | 'Model', what: string): Route[] => [
  route({
    id: `list${id}s`,
    method: 'get',
    path: `/v1/${name}s`,
    tag: TAG,
    summary: `List ${what}, newest first`,
    description: 'Addressed by the hash of what they are made from: jobs with the same inputs share them.',
    scope: 'read',
    query,
    responses: { 200: { description: 'a page', schema: stageListSchema } },
    handle: async ({ caller, query: { limit, cursor } }) => ({
      status: 200,
      body: await listStages(context, caller.owner, name, limit, cursor ?? null),
    }),
  }),
  route({
    id: `get${id}`,
    method: 'get',
    path: `/v1/${name}s/{id}`,
    tag: TAG,
    summary: `One of the ${what}`,
    scope: 'read',
    responses: { 200: { description: `the ${name}`, schema: storedStageSchema } },
    handle: async ({ caller, params }) => {
      const found = await findStage(context, caller.owner, name, idOf(params.id, name))
      if (found === null) throw notFound(name)
      return { status: 200, body: found }
    },
  }),
]

export const stageRoutes = (context: Context): Route[] => [
  ...pair(context, 'dataset', 'Dataset', 'datasets'),
  ...pair(context, 'model', 'Model', 'trained models'),
]
