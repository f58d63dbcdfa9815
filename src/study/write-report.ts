export const writeReport = async (): Promise<never> => { throw new Error('x') }
