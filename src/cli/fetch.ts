import { join } from 'node:path'
import type { Artifact } from '../client/api.ts'
import { allArtifacts, fetchFolder } from '../client/fetch-folder.ts'
import { lockFolder } from '../runtime/lock.ts'
import { Advised } from './advice.ts'
import { bytes } from './inspect-text.ts'
import type { Options } from './options.ts'
import { cliProgress, cliScreen } from './progress.ts'
import { theJob, theService } from './server.ts'

const REPORT: readonly string[] = ['report.html', 'report.json']

const wanted = (id: string, artifacts: readonly Artifact[], { only }: Options): readonly Artifact[] => {
  const chosen = only === 'report' ? artifacts.filter(({ path }) => REPORT.includes(path)) : artifacts
  if (chosen.length > 0) return chosen
  throw new Advised(`job ${id} has no ${only ?? 'artifacts'} yet`, `\`nestwave watch ${id}\` shows how far it is.`)
}

interface Brought {
  readonly fetched: number
  readonly kept: number
  readonly bytes: number
}

const tell = (out: string, brought: Brought, { json, quiet, only }: Options): void => {
  if (json) process.stdout.write(`${JSON.stringify({ event: 'fetched', folder: out, ...brought })}\n`)
  else if (!quiet) {
    const kept = brought.kept > 0 ? `, ${brought.kept} there already` : ''
    process.stdout.write(`${out}: ${brought.fetched} files fetched (${bytes(brought.bytes)})${kept}\n`)
    process.stdout.write(only === 'report' ? `report: ${join(out, 'report.html')}\n` : `nestwave inspect ${out}\n`)
  }
}

/** Brings a job's artifacts into a study folder, which no other process may be writing. */
export const fetchJob = async (options: Options, signal: AbortSignal): Promise<void> => {
  const id = theJob(options)
  const client = theService(options, cliScreen(options))
  const artifacts = wanted(id, await allArtifacts(client, id, { signal }), options)
  const out = options.out ?? join('out', id)
  const release = await lockFolder(out)
  const brought = { fetched: 0, kept: 0, bytes: 0 }
  const stage = cliProgress(options).stage('files', artifacts.length)
  try {
    await fetchFolder(client, id, out, artifacts, {
      signal,
      settled: ({ path, size }, kept) => {
        brought[kept ? 'kept' : 'fetched'] += 1
        brought.bytes += kept ? 0 : size
        stage.advance(1, path)
      },
    })
    stage.end()
  } finally {
    await release()
  }
  tell(out, brought, options)
}
