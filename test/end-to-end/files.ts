import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Every file of a folder by its path in it, without the lock. */
export const filesOf = (root: string): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(root, path)).isFile() && path !== '.lock')
    .sort()

/** What changes when a file is written again, by path. */
export const stampsOf = (root: string): Map<string, string> =>
  new Map(
    filesOf(root).map((path) => {
      const { ino, mtimeNs } = statSync(join(root, path), { bigint: true })
      return [path, `${ino} ${mtimeNs}`]
    }),
  )

/** Whether a file is a finished result that no later run may touch: a chunk, or a part of the model. */
export const isResult = (path: string): boolean => /\.(bin|safetensors)$/.test(path)

export const reportBytes = (root: string): Buffer => readFileSync(join(root, 'report.json'))
// biome-ignore lint/suspicious/noExplicitAny: tests reach into any part of a report
export const reportOf = (root: string): any => JSON.parse(reportBytes(root).toString())
