import { exportGraph } from '../generative/gan/export-graph.ts'
import { calibrateGan, type GanState } from '../generative/gan/gan-state.ts'
import { type Granularities, granularityLabel } from '../generative/gan/granularity.ts'
import { granularitiesOf } from '../generative/gan/granularity-text.ts'
import { type StandAlone, standAlone, standAloneShapes } from '../generative/gan/stand-alone.ts'
import { InvalidInput } from '../numeric/errors.ts'
import { toOnnx } from '../tensor/onnx.ts'
import { cardText, type Judgement, judgementOf } from './card-text.ts'
import { readJson, type StudyFolder } from './folder.ts'
import { checkCard, checkNamed, fileEntries, type ModelCard } from './model-card.ts'
import { CARD, CARD_TEXT, loadCard, loadGenerator, loadReduction, REDUCTION, REDUCTION_FORMAT } from './model-files.ts'
import type { ChosenReduction } from './reduce.ts'
import type { ReportJson } from './report-json.ts'
import { dataOfTensorFile, type TensorFormat, tensorFile } from './tensor-file.ts'
import { executorOf } from './train.ts'

export const EXPORT_FORMATS = ['onnx', 'safetensors'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

export interface ExportRequest {
  /** '1/2', or one per block: '1/4·1/2·1'. */
  readonly granularity: string
  /** Whether an ONNX file decodes the traces too. */
  readonly traces: boolean
}

export const NETWORK = 'network.safetensors'
const STAND_ALONE_FORMAT: TensorFormat<StandAlone> = {
  format: 'nestwave-stand-alone-generator',
  shapesOf: standAloneShapes,
}

/** A first length that no other length of the graph is a multiple of: no array is so long. */
const OPEN_SIZE = 2 ** 31 - 1

/** A card with what the report says of the generator, where there is one. */
export interface JudgedCard {
  readonly card: ModelCard
  readonly judgement: Judgement | null
}

/** @throws InvalidInput for a folder without a trained generator */
export const judgedCard = async (folder: StudyFolder): Promise<JudgedCard> => {
  const card = await loadCard(folder)
  return { card, judgement: judgementOf(card, (await readJson(folder, 'report.json')) as ReportJson | null) }
}

/** The state with a calibration of these granularities: measured now, on the runtime that trained, if there is none. */
const calibrated = async (folder: StudyFolder, state: GanState, granularities: Granularities): Promise<GanState> =>
  granularityLabel(granularities) in state.calibrations
    ? state
    : calibrateGan(state, await executorOf({ folder }), [granularities])

const cutOut = async (folder: StudyFolder, { granularity }: ExportRequest): Promise<StandAlone> => {
  const state = await loadGenerator(folder)
  const granularities = granularitiesOf(granularity, state.config.blocks, 'granularity')
  return standAlone(await calibrated(folder, state, granularities), granularities)
}

/** What a reader of the ONNX file alone must know. */
const metadataOf = (card: ModelCard, model: StandAlone, { reduction }: ChosenReduction): Record<string, string> => {
  const { conditions, exact, trace, trainedOn, versions } = card
  return {
    title: card.title,
    granularity: granularityLabel(model.granularities),
    z: `[n, ${card.latent}] independent standard normals`,
    theta: JSON.stringify(conditions),
    coefficients: `[n, ${card.modes}] POD coefficients, m`,
    traces: JSON.stringify({ unit: 'm', order: ['n', 'frames', 'points', 'components'], ...trace }),
    points: JSON.stringify([...reduction.grid.points]),
    exact: JSON.stringify(exact),
    trainedOn: JSON.stringify(trainedOn),
    versions: JSON.stringify(versions),
  }
}

/**
 * One combination as an ONNX file with everything inside: `z` and `theta` (in its own units) to `coefficients`, and on request
 * `traces`; any number of rows at each run.
 * @throws InvalidInput for a folder without a trained generator, and granularities that it does not have
 * @verifiedBy test/study/model-export.test.ts
 */
export const exportOnnx = async (folder: StudyFolder, request: ExportRequest): Promise<Uint8Array> => {
  const card = await loadCard(folder)
  const model = await cutOut(folder, request)
  const chosen = await loadReduction(folder)
  const { mean, modes, grid } = chosen.reduction
  const decoding = { mean, modes, shape: [grid.frames, grid.points.length / 2, grid.components] }
  const graph = exportGraph(model, {
    ranges: card.conditions,
    batch: OPEN_SIZE,
    ...(request.traces && { decoding }),
  })
  return toOnnx(graph, {
    name: 'generator',
    metadata: metadataOf(card, model, chosen),
    openAxis: { name: 'n', size: OPEN_SIZE },
  })
}

/**
 * One combination as a folder of its own: the cut out network with normaliser, tail and calibration, the reduction, and the card with
 * the judgement of the report.
 * @returns files by name
 * @verifiedBy test/study/model-export.test.ts
 */
export const exportFolder = async (
  folder: StudyFolder,
  request: ExportRequest,
): Promise<Readonly<Record<string, Uint8Array>>> => {
  const { card, judgement } = await judgedCard(folder)
  const model = await cutOut(folder, request)
  const network = tensorFile(STAND_ALONE_FORMAT, model)
  const reduction = tensorFile(REDUCTION_FORMAT, await loadReduction(folder))
  const files = { [NETWORK]: network, [REDUCTION]: reduction }
  const own: ModelCard = {
    ...card,
    granularity: granularityLabel(model.granularities),
    ...(judgement && { judgement }),
    files: fileEntries(files),
  }
  const encoder = new TextEncoder()
  return {
    ...files,
    [CARD_TEXT]: encoder.encode(cardText(own, judgement)),
    [CARD]: encoder.encode(`${JSON.stringify(own, null, 2)}\n`),
  }
}

export interface Exported extends ChosenReduction {
  readonly card: ModelCard
  readonly model: StandAlone
}

/**
 * An exported folder again.
 * @throws InvalidInput for a folder without a card, and files of another format, version, shape or hash than it says
 */
export const loadExport = async (folder: StudyFolder): Promise<Exported> => {
  const read = async (name: string): Promise<Uint8Array> => {
    const bytes = await folder.read(name)
    if (bytes === null) throw InvalidInput.of(name, 'a file of an exported model', 'no such file')
    return bytes
  }
  const card = checkCard(await read(CARD), CARD)
  const named = async (name: string): Promise<Uint8Array> => checkNamed(card, name, await read(name), name)
  return {
    card,
    model: dataOfTensorFile(STAND_ALONE_FORMAT, await named(NETWORK), NETWORK),
    ...dataOfTensorFile(REDUCTION_FORMAT, await named(REDUCTION), REDUCTION),
  }
}
