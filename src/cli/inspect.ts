import type { Options } from './options.ts'
export const inspect = async (_: Options): Promise<void> => {}
