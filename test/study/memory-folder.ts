import type { StudyFolder } from '../../src/study/folder.ts'
import type { Progress } from '../../src/study/progress.ts'

/** A study folder in memory, with the order of its writes. */
export const memoryFolder = (): StudyFolder & {
  readonly files: Map<string, Uint8Array>
  readonly written: string[]
} => {
  const files = new Map<string, Uint8Array>()
  const written: string[] = []
  const encoder = new TextEncoder()
  return {
    files,
    written,
    read: async (path) => files.get(path) ?? null,
    write: async (path, bytes) => {
      written.push(path)
      files.set(path, typeof bytes === 'string' ? encoder.encode(bytes) : bytes)
    },
    list: async (path) =>
      [
        ...new Set(
          [...files.keys()].filter((f) => f.startsWith(`${path}/`)).map((f) => f.slice(path.length + 1).split('/')[0]),
        ),
      ].sort(),
    remove: async (path) => {
      files.delete(path)
    },
  }
}

/** A progress that remembers what it was told. */
export const heard = (): Progress & { readonly said: string[] } => {
  const said: string[] = []
  return {
    said,
    stage: (name, total, done = 0) => {
      said.push(`${name}: ${done} of ${total}`)
      let reached = done
      return {
        advance: (steps) => {
          reached += steps
        },
        end: () => said.push(`${name}: ended at ${reached}`),
      }
    },
    note: (message) => said.push(message),
    warn: (message) => said.push(`warning: ${message}`),
  }
}
