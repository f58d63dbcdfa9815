import { InvalidInput } from '../numeric/errors.ts'
import { rangeOf } from './chunks.ts'
import { readJson, type StudyFolder } from './folder.ts'
import type { ReportJson } from './report-json.ts'
import { checkStudy } from './study.ts'
import { readTimings, type Timings } from './timings.ts'

/** A series of samples on disk. */
export interface SeriesSurvey {
  readonly path: string
  readonly samples: number
  readonly chunks: number
}

/** What a study's folder holds. */
export interface FolderSurvey {
  readonly title: string
  readonly seed: number
  /** Stages by name, with whether all that the study asks for is there. */
  readonly stages: Readonly<Record<'dataset' | 'model' | 'estimate', boolean>>
  readonly series: readonly SeriesSurvey[]
  readonly report: ReportJson | null
  /** Seconds per stage over all runs. */
  readonly timings: Timings
}

/** Samples of the chunks of a series; of chunks with the same start (a series that was extended) the longest counts. */
const surveySeries = async (folder: StudyFolder, path: string): Promise<SeriesSurvey> => {
  const longest = new Map<number, number>()
  for (const file of await folder.list(`${path}/chunks`)) {
    const { start, count } = rangeOf(file)
    if (count > 0) longest.set(start, Math.max(count, longest.get(start) ?? 0))
  }
  return { path, samples: [...longest.values()].reduce((sum, n) => sum + n, 0), chunks: longest.size }
}

const allSeries = async (folder: StudyFolder): Promise<SeriesSurvey[]> => {
  const found: SeriesSurvey[] = []
  for (const parent of ['dataset', 'model/reduction', 'estimate'])
    for (const name of await folder.list(parent)) {
      const series = await surveySeries(folder, `${parent}/${name}`)
      if (series.chunks > 0) found.push(series)
    }
  return found
}

/**
 * Finished stages, samples and results of a folder.
 * @param name what to call the folder in messages
 * @throws InvalidInput for a folder that no study was run in
 * @verifiedBy test/cli/inspect.test.ts
 */
export const surveyFolder = async (folder: StudyFolder, name: string): Promise<FolderSurvey> => {
  const json = await readJson(folder, 'study.json')
  if (json === null) throw InvalidInput.of('inspect', 'a folder that a study was run in (it holds study.json)', name)
  const study = checkStudy(json)
  const series = await allSeries(folder)
  const samples = (path: string): number => series.find((s) => s.path === path)?.samples ?? 0
  const report = (await readJson(folder, 'report.json')) as ReportJson | null
  const { train, validation, test } = study.dataset
  return {
    title: study.title,
    seed: study.seed,
    stages: {
      dataset:
        samples('dataset/train') >= train &&
        samples('dataset/validation') >= validation &&
        samples('dataset/test') >= test,
      model: (await folder.read('model/card.json')) !== null,
      estimate: report !== null,
    },
    series,
    report,
    timings: await readTimings(folder),
  }
}
