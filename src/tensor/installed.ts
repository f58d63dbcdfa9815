import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** Whether the user has installed an optional package. */
export const isInstalled = (name: string): boolean => {
  try {
    require.resolve(name)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return false
    throw error
  }
}

/** Loads an optional package; the caller says what type it exports. */
export const loadInstalled = (name: string): unknown => require(name)
