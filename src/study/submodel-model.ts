import { latentDimension, type TraceModel } from '../generative/trace-model.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { InvalidInput } from '../numeric/errors.ts'
import { runSubmodel } from '../submodel/submodel.ts'
import type { Reduction } from '../trace/reduction.ts'
import { traceSize } from '../trace/trace.ts'
import type { StudyFolder } from './folder.ts'
import { oneLane, quantityNames } from './full-domain-model.ts'
import { conditionsOf, type LoadSample } from './law.ts'
import { LOAD_SIZE, loadFromVector, loadNames, loadPlace } from './load-vector.ts'
import { type LoadedModel, loadChosenModel } from './loaded-model.ts'
import { choiceLabel, type ModelChoice, modelChoice } from './model-choice.ts'
import { loadReduction } from './model-files.ts'
import { checkSample } from './range-check.ts'
import { driveOf } from './replay.ts'
import type { Study } from './schema.ts'
import { decoderOf, submodelOf, traceGridOf } from './submodel-task.ts'
import { checkVectors, quantitiesOfRun, type VectorModel } from './vector-model.ts'

/** Models kept ready: a client that walks through every combination of granularities must not fill the memory. */
const KEPT = 4

/** The models last asked for. */
const keptModels = (folder: StudyFolder) => {
  const kept = new Map<string, LoadedModel>()
  const shorten = async (length: number): Promise<void> => {
    for (const [label, { release }] of [...kept].slice(0, Math.max(0, kept.size - length))) {
      kept.delete(label)
      await release()
    }
  }
  const get = async (choice: ModelChoice): Promise<TraceModel> => {
    const label = choiceLabel(choice)
    const found = kept.get(label) ?? (await loadChosenModel(folder, choice))
    kept.delete(label)
    kept.set(label, found)
    await shorten(KEPT)
    return found.model
  }
  return { get, release: () => shorten(0) }
}

/** Runs work one after the other: buffers are shared, and no model is released while it samples. */
const queue = () => {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work)
    last = next.catch(() => {})
    return next
  }
}

/** The zone under the boundary that coefficients stand for, scaled and shifted by θ. */
const zoneOf = (study: Study, mesh: Mesh, reduction: Reduction) => {
  const domain = oneLane(study, mesh)
  const size = traceSize(reduction.grid)
  if (size !== traceSize(traceGridOf(domain)))
    throw InvalidInput.of('model/reduction.safetensors', "a reduction of this study's traces", 'one of another study')
  const submodel = submodelOf(domain)
  const decoder = decoderOf(domain, reduction, 1)
  const traces = new Float64Array(size)
  return (sample: LoadSample, coefficients: Float64Array, rank: number): number[] => {
    decoder.decodeInto(traces, coefficients, 1, rank)
    const { scale, arrival } = driveOf(study, [sample])
    return quantitiesOfRun(runSubmodel(submodel, { count: 1, traces, amplitude: scale, arrival }))
  }
}

/**
 * The submodel as a function of θ = [amplitude, arrival, position, width] (SI) and the latent, standard normals that all trace
 * models share. The folder holds the trained models of this study; which one makes the boundary is the config's choice.
 * @param warn is told of a θ that training did not cover, where the study does not refuse it
 * @throws InvalidInput for a folder without trained models
 * @verifiedBy test/study/vector-models.test.ts
 */
export const submodelModel = async (
  study: Study,
  mesh: Mesh,
  folder: StudyFolder,
  warn: (text: string) => void = () => {},
): Promise<VectorModel> => {
  const { reduction } = await loadReduction(folder)
  const zone = zoneOf(study, mesh, reduction)
  const models = keptModels(folder)
  const inTurn = queue()
  const latentSize = latentDimension(reduction.modeCount)
  const inputSizes = [LOAD_SIZE, latentSize]
  return {
    inputSizes,
    outputSizes: [study.quantities.length],
    inputNames: [loadNames(study), `boundary: ${latentSize} standard normals`],
    outputNames: [quantityNames(study)],
    evaluate: async (input, config) => {
      const choice = modelChoice(study, config)
      const [theta, latent] = checkVectors(input, inputSizes)
      const sample = loadFromVector(study, theta, 'input[0]')
      checkSample(study, sample, (key) => loadPlace(key, 'input[0]'), warn)
      return inTurn(async () => {
        const model = await models.get(choice)
        const coefficients = await model.sample(conditionsOf(study, [sample]), Float64Array.from(latent), 1)
        return [zone(sample, coefficients, model.modes)]
      })
    },
    release: () => inTurn(models.release),
  }
}
