/** s: the first pause, and the longest. */
const FIRST = 0.25
const LONGEST = 10

/** Doubles from round to round; spread at random, so that many clients do not come back at the same moment. */
export const backoff = (round: number): number => Math.min(LONGEST, FIRST * 2 ** round) * (0.5 + Math.random() / 2)

/** @throws the signal's reason as soon as it is aborted */
export const pause = (seconds: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal!.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, seconds * 1000)
    signal?.addEventListener('abort', stop, { once: true })
  })

export interface Patience {
  /** s of waiting in all, after which the last failure is thrown */
  readonly patience: number
  /** s to wait before the next attempt, or null: this failure is final */
  wait(error: unknown, round: number): number | null
  readonly waiting?: ((error: unknown, seconds: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** Repeats what failed in passing. */
export const patiently = async <T>(
  attempt: () => Promise<T>,
  { patience, wait, waiting, signal }: Patience,
): Promise<T> => {
  let waited = 0
  for (let round = 0; ; round++)
    try {
      return await attempt()
    } catch (error) {
      const seconds = signal?.aborted ? null : wait(error, round)
      if (seconds === null || waited >= patience || seconds > patience) throw error
      waiting?.(error, seconds)
      await pause(seconds, signal)
      waited += seconds
    }
}
