import { InvalidInput, type Problem } from '../numeric/errors.ts'
import { canonicalJson, hashOf } from './canonical.ts'
import { readJson, type StudyFolder, writeJson } from './folder.ts'
import type { Study } from './schema.ts'

/** Rises when the same inputs give other numbers; folders made before are then refused, not mixed. */
export const NUMERICS_VERSION = 2

/** A stage's identity: its inputs, without sample counts (so that it can be extended) and without worker counts. */
export type StageInputs = Readonly<Record<string, unknown>>

const MANIFEST = 'manifest.json'

export const datasetInputs = (study: Study, meshHash: string): StageInputs => ({
  numerics: NUMERICS_VERSION,
  mesh: meshHash,
  seed: study.seed,
  physics: study.domain.physics,
  materials: study.materials,
  damping: study.damping,
  fixed: study.fixed,
  load: study.load,
  uncertainty: study.uncertainty,
  zone: study.zone,
  time: study.time,
  quantities: study.quantities,
})

export const modelInputs = (study: Study, dataset: StageInputs, executor: string): StageInputs => {
  const { checkpointSeconds: _, ...generator } = study.generator
  return {
    dataset: hashOf(dataset),
    train: study.dataset.train,
    validation: study.dataset.validation,
    reduction: study.reduction,
    generator,
    executor,
  }
}

export const estimateInputs = (model: StageInputs): StageInputs => ({ model: hashOf(model) })

const isPlain = (value: unknown): value is StageInputs =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Every leaf in which two inputs differ. */
const differences = (
  path: string,
  old: unknown,
  now: unknown,
): readonly (readonly [path: string, old: unknown, now: unknown])[] => {
  if (canonicalJson(old ?? null) === canonicalJson(now ?? null)) return []
  if (!isPlain(old) || !isPlain(now)) return [[path, old, now]]
  const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])]
  return keys.flatMap((key) => differences(path ? `${path}.${key}` : key, old[key], now[key]))
}

const shown = (value: unknown): string => (value === undefined ? 'nothing' : canonicalJson(value))

/** Where an input stands in the study file. */
const PLACES: Readonly<Record<string, string>> = {
  mesh: 'domain.mesh (sha256)',
  physics: 'domain.physics',
  train: 'dataset.train',
  validation: 'dataset.validation',
  executor: '--executor',
}

/** What else helps than another folder. */
const REMEDY: Readonly<Record<string, string>> = {
  model: ' or without its folders model and estimate',
  estimate: ' or without its folder estimate',
}

const refusals = (stage: string, old: StageInputs, now: StageInputs): Problem[] =>
  differences('', old, now).map(([path, before, after]) => ({
    path: PLACES[path] ?? path,
    expected: `${shown(before)}, with which this folder's ${stage} was made (run with another --out${REMEDY[stage] ?? ''})`,
    received: shown(after),
  }))

/** Whether a stage has more than its manifest: a run that was refused leaves no more, and binds to nothing. */
const hasResults = async (folder: StudyFolder, path: string): Promise<boolean> =>
  (await folder.list(path)).some((name) => name !== MANIFEST)

/**
 * Opens a stage's folder: its manifest must be of the same inputs, or there are no results yet and it is written.
 * @returns the hash of the inputs, the address of the stage's result
 * @throws InvalidInput naming what differs
 * @verifiedBy test/study/stage.test.ts
 */
export const openStage = async (folder: StudyFolder, path: string, inputs: StageInputs): Promise<string> => {
  const file = `${path}/${MANIFEST}`
  const found = (await readJson(folder, file)) as { hash: string; inputs: StageInputs } | null
  const hash = hashOf(inputs)
  if (found?.hash === hash) return hash
  if (found !== null && (await hasResults(folder, path))) throw new InvalidInput(refusals(path, found.inputs, inputs))
  await writeJson(folder, file, { hash, inputs })
  return hash
}
