import { readGmsh } from '../../mesh/gmsh.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { InvalidInput } from '../../numeric/errors.ts'
import { checkOnMesh } from '../../study/check.ts'
import { costOf } from '../../study/cost.ts'
import { fullDomainModel } from '../../study/full-domain-model.ts'
import { submodelModel } from '../../study/submodel-model.ts'
import { surveyMesh, surveyStudy } from '../../study/survey.ts'
import type { VectorModel } from '../../study/vector-model.ts'
import { jobFolder } from '../state/job-folder.ts'
import { findJob } from '../state/job-row.ts'
import type { State } from '../state/place.ts'
import type { Question, VectorModelName } from './protocol.ts'

const meshOf = async ({ blobs }: State, sha256: string, name: string): Promise<Mesh> =>
  readGmsh(new TextDecoder().decode(await blobs.read(sha256)), name)

const validate = async (state: State, question: Question & { ask: 'validate' }): Promise<unknown> => {
  const { study, meshName, meshSha256, workers } = question
  const domain = checkOnMesh(study, await meshOf(state, meshSha256, meshName))
  return {
    survey: workers === null ? null : surveyStudy(study, domain),
    cost: workers === null ? null : await costOf(study, domain, workers, new AbortController().signal),
  }
}

/** Models kept ready; a client calls one again and again. */
const KEPT = 4
const models = new Map<string, Promise<VectorModel>>()

const makeModel = async (state: State, job: string, name: VectorModelName): Promise<VectorModel> => {
  const row = await findJob(state.database, job)
  if (row === null) throw InvalidInput.of('name', 'a job that exists', job)
  const mesh = await meshOf(state, row.mesh_sha256, row.mesh_name)
  return name === 'full-domain'
    ? fullDomainModel(row.study, mesh)
    : submodelModel(row.study, mesh, await jobFolder(state, job), (text) => process.emitWarning(text))
}

const modelOf = async (state: State, job: string, name: VectorModelName): Promise<VectorModel> => {
  const row = await findJob(state.database, job)
  // An extended job may have another model under the same name.
  const key = `${job}/${name}/${row?.revision}`
  const found = models.get(key) ?? makeModel(state, job, name)
  models.delete(key)
  models.set(key, found)
  found.catch(() => models.delete(key))
  for (const [old, model] of [...models].slice(0, Math.max(0, models.size - KEPT))) {
    models.delete(old)
    await (await model).release()
  }
  return found
}

/** Answers a question of the service. @throws InvalidInput, NumericalFailure */
export const answer = async (state: State, question: Question): Promise<unknown> => {
  if (question.ask === 'validate') return validate(state, question)
  if (question.ask === 'mesh') return surveyMesh(await meshOf(state, question.sha256, question.name))
  const model = await modelOf(state, question.job, question.model)
  return question.ask === 'vector-sizes'
    ? { inputSizes: model.inputSizes, outputSizes: model.outputSizes }
    : model.evaluate(question.input, question.config)
}
