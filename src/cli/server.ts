import { jobIdSchema } from '../client/api.ts'
import { type NestwaveClient, nestwaveClient } from '../client/client.ts'
import { InvalidInput } from '../numeric/errors.ts'
import type { Options } from './options.ts'
import type { Screen } from './progress.ts'

/** ms between two lines that say the same of a service that is away */
const REMIND = 10_000

/** Says that a request waits, and not with every attempt. */
const reminder = (screen: Screen): ((error: unknown) => void) => {
  let said = Number.NEGATIVE_INFINITY
  return (error) => {
    if (performance.now() - said < REMIND) return
    said = performance.now()
    screen.message('note', `${(error as Error).message}; trying again`)
  }
}

/** The service that the flags or the environment name. */
export const theService = ({ server, key }: Options, screen: Screen): NestwaveClient => {
  try {
    return nestwaveClient({ url: server, key, waiting: reminder(screen) })
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error
    throw new InvalidInput(error.problems.map((problem) => ({ ...problem, path: '--server' })))
  }
}

/** The one job that a command names. */
export const theJob = ({ positionals }: Options): string => {
  const [id, ...more] = positionals
  if (id === undefined || more.length > 0 || !jobIdSchema.safeParse(id).success)
    throw InvalidInput.of('job', 'the id of a job (`nestwave jobs` lists them)', positionals.join(' ') || 'nothing')
  return id
}
