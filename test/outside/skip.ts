/** Says that a check was left out because this machine lacks what it needs. */
export const skipped = (name: string): void => console.log(`skipped: ${name}`)
