import type { Request } from 'express'
import { InvalidInput } from '../numeric/errors.ts'
import type { JobRow } from '../runtime/state/job-row.ts'
import type { VectorModelName } from '../runtime/worker/protocol.ts'
import type { Context } from './context.ts'
import type { Caller } from './route.ts'
import type { UmbridgeHost } from './umbridge.ts'

const NAME = /^([0-9a-f-]{36})\/(full-domain|submodel)$/
/** The newest jobs whose models are offered. */
const OFFERED = 200

type Named = Pick<JobRow, 'id' | 'kind'>

/** The submodel needs a trained generator. */
const modelsOf = ({ id, kind }: Named): string[] =>
  kind === 'training' || kind === 'estimate' || kind === 'run'
    ? [`${id}/full-domain`, `${id}/submodel`]
    : [`${id}/full-domain`]

/** The models of the caller's finished jobs, computed by the desk. */
export const umbridgeHost = (context: Context, callerOf: (request: Request) => Promise<Caller>): UmbridgeHost => {
  const names = async (request: Request): Promise<string[]> => {
    const { owner } = await callerOf(request)
    const rows = await context.database.query<Named>(
      `select id, kind from nestwave.job where owner = $1 and state = 'succeeded' order by number desc limit $2`,
      [owner, OFFERED],
    )
    return rows.flatMap(modelsOf)
  }
  const parsed = (name: string): { job: string; model: VectorModelName } => {
    const match = NAME.exec(name)
    if (match === null) throw InvalidInput.of('name', 'JOB/full-domain or JOB/submodel', name)
    return { job: match[1], model: match[2] as VectorModelName }
  }
  const sizes = (name: string) =>
    context.desk.ask<{ inputSizes: number[]; outputSizes: number[] }>({ ask: 'vector-sizes', ...parsed(name) })
  return {
    names,
    inputSizes: async (name) => (await sizes(name)).inputSizes,
    outputSizes: async (name) => (await sizes(name)).outputSizes,
    evaluate: (name, input, config) => context.desk.ask({ ask: 'vector', ...parsed(name), input, config }),
  }
}
