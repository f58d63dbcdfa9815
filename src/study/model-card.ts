import { z } from 'zod'
import type { GanState } from '../generative/gan/gan-state.ts'
import { latentDimension } from '../generative/trace-model.ts'
import { InvalidInput } from '../numeric/errors.ts'
import { sha256 } from './canonical.ts'
import type { Judgement } from './card-text.ts'
import { trainedRanges } from './law.ts'
import { problemsOf } from './problems.ts'
import type { ChosenReduction } from './reduce.ts'
import type { Study } from './schema.ts'
import { NUMERICS_VERSION } from './stage.ts'
import { referenceAmplitude } from './study.ts'
import { VERSION } from './version.ts'

const count = z.int().min(0)
const text = z.string()

/** What a reader must know of a trained generator before using it, and what proves that its files are the ones meant. */
const schema = z.strictObject({
  format: z.literal('nestwave-model'),
  version: z.literal(1),
  title: text,
  trainedOn: z.strictObject({
    /** sha256 of the mesh file. */
    meshHash: text,
    /** Addresses of the stages: hashes of their inputs. */
    datasetHash: text,
    modelHash: text,
    /** Runs that succeeded. */
    training: count,
    validation: count,
    seed: count,
  }),
  /** θ that the generator is told, with the range that training covered. */
  conditions: z.array(z.strictObject({ name: text, unit: text, low: z.number(), high: z.number() })),
  /** θ that is not learnt: the physics is linear and starts from rest. */
  exact: z.strictObject({
    amplitude: z.strictObject({ unit: text, reference: z.number() }),
    arrival: z.strictObject({ unit: text }),
  }),
  trace: z.strictObject({ frames: count, frameStep: z.number(), points: count, components: count }),
  /** Modes of the reduction, and standard normals of one sample. */
  modes: count,
  latent: count,
  /** Architecture, as in the study file, and how it was trained. */
  generator: z.record(text, z.unknown()),
  best: z.strictObject({ iteration: count, validationDistance: z.number() }),
  /** Granularities that have a calibration in the file. */
  calibrated: z.array(text),
  /** Of an exported combination. */
  granularity: text.optional(),
  /** What the report said when it was exported. */
  judgement: z.custom<Judgement>((value) => typeof value === 'object').optional(),
  executor: text,
  versions: z.strictObject({ nestwave: text, numerics: count }),
  files: z.record(text, z.strictObject({ sha256: text, bytes: count })),
})
export type ModelCard = z.infer<typeof schema>

/** What the training knows beside the state. */
export interface CardFacts {
  readonly study: Study
  readonly meshHash: string
  readonly datasetHash: string
  readonly modelHash: string
  readonly training: number
  readonly validation: number
  readonly executor: string
  readonly best: ModelCard['best']
}

const UNITS: Readonly<Record<string, string>> = { position: 'm', width: 's' }

export const fileEntries = (files: Readonly<Record<string, Uint8Array>>): ModelCard['files'] =>
  Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [name, { sha256: sha256(bytes), bytes: bytes.length }]),
  )

export const modelCard = (
  facts: CardFacts,
  state: GanState,
  { reduction }: ChosenReduction,
  files: Readonly<Record<string, Uint8Array>>,
): ModelCard => {
  const { study, meshHash, datasetHash, modelHash, training, validation, executor, best } = facts
  const { frames, frameStep, points, components } = reduction.grid
  const { checkpointEvery: _, checkpointSeconds: __, ...generator } = study.generator
  return {
    format: 'nestwave-model',
    version: 1,
    title: study.title,
    trainedOn: { meshHash, datasetHash, modelHash, training, validation, seed: study.seed },
    conditions: trainedRanges(study).map(({ key, low, high }) => ({ name: key, unit: UNITS[key], low, high })),
    exact: {
      amplitude: {
        unit: study.load.kind === 'traction' ? 'Pa' : 'm',
        reference: referenceAmplitude(study.load.amplitude),
      },
      arrival: { unit: 's' },
    },
    trace: { frames, frameStep, points: points.length / 2, components },
    modes: reduction.modeCount,
    latent: latentDimension(reduction.modeCount),
    generator: { ...generator, latent: state.config.latent },
    best,
    calibrated: Object.keys(state.calibrations).sort(),
    executor,
    versions: { nestwave: VERSION, numerics: NUMERICS_VERSION },
    files: fileEntries(files),
  }
}

/**
 * A card that this version understands.
 * @throws InvalidInput for other text, another format, or numbers made by another version of the numerics
 */
export const checkCard = (bytes: Uint8Array, path: string): ModelCard => {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder().decode(bytes))
  } catch (error) {
    throw InvalidInput.of(path, 'a model card (JSON)', (error as Error).message)
  }
  const result = schema.safeParse(json, { reportInput: true })
  if (!result.success)
    throw new InvalidInput(problemsOf(result.error).map((p) => ({ ...p, path: `${path}: ${p.path}` })))
  const { numerics } = result.data.versions
  if (numerics !== NUMERICS_VERSION)
    throw InvalidInput.of(`${path}: versions.numerics`, `${NUMERICS_VERSION}, this version's`, numerics)
  return result.data
}

/**
 * The bytes of a file that a card names.
 * @throws InvalidInput for a file that the card does not name, and other bytes than it does
 */
export const checkNamed = (card: ModelCard, name: string, bytes: Uint8Array, path: string): Uint8Array => {
  const expected = card.files[name]?.sha256
  if (expected === undefined) throw InvalidInput.of(path, 'a file that the model card names', name)
  const received = sha256(bytes)
  if (received !== expected) throw InvalidInput.of(path, `bytes with sha256 ${expected} (card.json)`, received)
  return bytes
}
