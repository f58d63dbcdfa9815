import { InvalidInput, type Problem } from '../numeric/errors.ts'
import { canonicalJson, hashOf } from './canonical.ts'
import { readJson, type StudyFolder, writeJson } from './folder.ts'
import type { Study } from './schema.ts'

/** Rises when the same inputs give other numbers; folders made before are then refused, not mixed. */
export const NUMERICS_VERSION = 1

/** A stage's identity: its inputs, without sample counts (so that it can be extended) and without worker counts. */
export type StageInputs = Readonly<Record<string, unknown>>

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

export const modelInputs = (study: Study, dataset: StageInputs, executor: string): StageInputs => ({
  dataset: hashOf(dataset),
  train: study.dataset.train,
  validation: study.dataset.validation,
  reduction: study.reduction,
  generator: study.generator,
  executor,
})

const differences = (path: string, old: StageInputs, now: StageInputs): Problem[] =>
  [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((key) => canonicalJson(old[key] ?? null) !== canonicalJson(now[key] ?? null))
    .map((key) => ({
      path: `--out: ${path} (${key})`,
      expected: `a folder of this study; this one was made with ${canonicalJson(old[key] ?? null)}`,
      received: canonicalJson(now[key] ?? null),
    }))

/**
 * Opens a stage's folder: its manifest must be of the same inputs, or there is none yet and it is written.
 * @returns the hash of the inputs, the address of the stage's result
 * @throws InvalidInput naming what differs
 */
export const openStage = async (folder: StudyFolder, path: string, inputs: StageInputs): Promise<string> => {
  const file = `${path}/manifest.json`
  const found = (await readJson(folder, file)) as { hash: string; inputs: StageInputs } | null
  const hash = hashOf(inputs)
  if (found === null) await writeJson(folder, file, { hash, inputs })
  else if (found.hash !== hash) throw new InvalidInput(differences(path, found.inputs, inputs))
  return hash
}
