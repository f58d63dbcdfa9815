/**
 * Does something again and again, `interval` ms after it was done last.
 * @returns a function that ends it, after the time under way
 */
export const repeatedly = (
  interval: number,
  action: () => Promise<unknown>,
  failed: (error: Error) => void,
): (() => Promise<void>) => {
  let ended = false
  let wake = (): void => {}
  const rest = (): Promise<void> =>
    new Promise((done) => {
      const timer = setTimeout(done, interval)
      wake = () => {
        clearTimeout(timer)
        done()
      }
    })
  const loop = async (): Promise<void> => {
    while (!ended) {
      await action().catch(failed)
      if (!ended) await rest()
    }
  }
  const running = loop()
  return () => {
    ended = true
    wake()
    return running
  }
}
