import type { ProblemItem, Validation } from '../../client/api.ts'
import { validateRequestSchema, validationSchema } from '../../client/api.ts'
import { InvalidInput } from '../../numeric/errors.ts'
import { studyJsonSchema } from '../../study/schema.ts'
import type { Context } from '../context.ts'
import { problemItems } from '../error-answer.ts'
import { type Caller, type Route, route } from '../route.ts'
import { checkOnItsMesh, type ParsedRequest, studyOfRequest } from '../submit.ts'
import { EXAMPLE_STUDY } from './example-study.ts'

const COST_SECONDS = 120

const invalid = (errors: ProblemItem[]): Validation => ({ valid: false, errors, survey: null, cost: null })

/** Problems are the answer here, not a refusal. */
const validation = async (
  context: Context,
  caller: Caller,
  request: ParsedRequest,
  cost: boolean,
): Promise<Validation> => {
  try {
    const checked = await studyOfRequest(context, caller, request)
    await checkOnItsMesh(context, checked)
    if (!cost) return { valid: true, errors: [], survey: null, cost: null }
    const { study, mesh } = checked
    const workers = Math.max(1, context.config.slots)
    const question = { ask: 'validate', study, meshName: mesh.name, meshSha256: mesh.sha256, workers } as const
    return {
      valid: true,
      errors: [],
      ...(await context.desk.ask<Pick<Validation, 'survey' | 'cost'>>(question, COST_SECONDS)),
    }
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error
    return invalid(problemItems(request, error.problems))
  }
}

export const validateRoutes = (context: Context): Route[] => [
  route({
    id: 'validate',
    method: 'post',
    path: '/v1/validate',
    tag: 'Studies',
    summary: 'Check a job request without submitting it, and reckon its cost',
    description:
      'Takes what `POST /v1/jobs` takes. The cost is measured on short runs of this machine, which takes some seconds.',
    scope: 'read',
    body: {
      schema: validateRequestSchema,
      examples: { quick: { summary: 'Problems only', value: { kind: 'run', study: EXAMPLE_STUDY, cost: false } } },
    },
    responses: { 200: { description: 'whether it is valid, every problem, and the cost', schema: validationSchema } },
    handle: async ({ caller, body: { cost, ...request } }) => ({
      status: 200,
      body: await validation(context, caller, request, cost),
    }),
  }),
  route({
    id: 'studySchema',
    method: 'get',
    path: '/v1/schemas/study',
    tag: 'Studies',
    summary: 'The JSON Schema of the study file, with units',
    scope: null,
    responses: { 200: { description: 'JSON Schema 2020-12', contentType: 'application/schema+json' } },
    handle: async () => ({ status: 200, body: studyJsonSchema() }),
  }),
]
