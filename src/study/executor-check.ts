import { createExecutor, surveyExecutors } from '../tensor/executor.ts'
import { executorEntries } from './executor-entries.ts'

/**
 * The tensor runtime that a training here would take, and on a line each whether the others can be asked for by name.
 * @throws InvalidInput when there is none
 */
export const executorSurvey = async (): Promise<string> => {
  const { name } = await createExecutor({ kind: 'auto', threads: 1 })
  const survey = (await surveyExecutors()).map((attempt) =>
    attempt.outcome === 'chosen' ? { ...attempt, outcome: 'usable' } : attempt,
  )
  return [name, ...executorEntries(survey).map(({ label, value }) => `${label}: ${value}`)].join('\n')
}
