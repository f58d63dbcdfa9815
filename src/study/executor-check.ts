import { createExecutor } from '../tensor/executor.ts'

/** The tensor runtime that a training here would take: one that passes its self-test. */
export const availableExecutor = async (): Promise<string> => (await createExecutor({ kind: 'auto', threads: 1 })).name
