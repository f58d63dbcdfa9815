/**
 * The kinds of job a service takes, each with the recipes it runs in order. A new recipe comes in here and in
 * `src/study/steps.ts`; the API, its document and the command line follow.
 */
export const JOB_STEPS = {
  simulation: ['simulate'],
  dataset: ['dataset'],
  training: ['train'],
  estimate: ['estimate'],
  run: ['dataset', 'train', 'estimate'],
} as const satisfies Readonly<Record<string, readonly StepName[]>>

export type StepName = 'simulate' | 'dataset' | 'train' | 'estimate'
export type JobKind = keyof typeof JOB_STEPS
export const JOB_KINDS = Object.keys(JOB_STEPS) as [JobKind, ...JobKind[]]
