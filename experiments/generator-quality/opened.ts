import { InvalidInput } from '../../src/numeric/errors.ts'
import { writeWhole } from '../../src/runtime/disk-folder.ts'
import { foundResult } from '../found-result.ts'

/** What the held-out runs were opened with. */
export interface Opening {
  /** sha256 of the recipe's file. */
  readonly recipe: string
  /** Hash of study and mesh. */
  readonly study: string
}

/**
 * Notes that the held-out runs are opened. The same recipe on the same study may go on where it was stopped.
 * @throws InvalidInput when they were opened with another recipe or study: a second look is no test
 */
export const openOnce = async (path: string, now: Opening, date: string): Promise<void> => {
  const before = await foundResult<Opening & { readonly date: string }>(path)
  if (before === undefined) return writeWhole(path, `${JSON.stringify({ ...now, date }, null, 2)}\n`)
  for (const key of ['recipe', 'study'] as const)
    if (before[key] !== now[key])
      throw InvalidInput.of(key, `${before[key]}, with which the held-out runs were opened on ${before.date}`, now[key])
}
