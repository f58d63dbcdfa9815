import { basename, dirname, parse, resolve } from 'node:path'
import { type JobRequest, type JobResource, type MeshResource, meshNameSchema } from '../client/api.ts'
import type { CallOptions, NestwaveClient } from '../client/client.ts'
import { ServiceFailure } from '../client/failure.ts'
import { InvalidInput } from '../numeric/errors.ts'
import { loadStudy, readInput } from '../runtime/study-file.ts'
import { checkOnMesh } from '../study/check.ts'
import type { Options } from './options.ts'
import { cliScreen, type Screen } from './progress.ts'
import { theService } from './server.ts'
import { watchJob } from './watch.ts'

const meshOf = async (client: NestwaveClient, name: string, call: CallOptions): Promise<MeshResource | null> => {
  try {
    return await client.mesh(name, call)
  } catch (error) {
    if (error instanceof ServiceFailure && error.status === 404) return null
    throw error
  }
}

/** Other content under the same name stays what it is: jobs rest on it. */
const namesFor = (path: string, sha256: string): readonly [string, string] => {
  const { base, name, ext } = parse(path)
  return [base, `${name}-${sha256.slice(0, 8)}${ext}`]
}

/** Sees to it that the service has the mesh. @returns the name that it has there */
const provideMesh = async (
  client: NestwaveClient,
  path: string,
  sha256: string,
  screen: Screen,
  call: CallOptions,
): Promise<string> => {
  for (const name of namesFor(path, sha256)) {
    if (!meshNameSchema.safeParse(name).success)
      throw InvalidInput.of('domain.mesh', 'a file name of letters, digits, _ . - (at most 100)', name)
    const there = await meshOf(client, name, call)
    if (there?.sha256 === sha256) return name
    if (there !== null) continue
    await client.putMesh(name, await readInput(path, 'domain.mesh'), call)
    screen.message('note', `mesh uploaded as ${name}`)
    return name
  }
  throw new Error(`the service has other meshes named ${namesFor(path, sha256).join(' and ')}`)
}

/** The flags that the kind of job knows; a service refuses the others. */
const flagsOf = ({ kind, sample, executor }: Options): Partial<JobRequest> => ({
  ...(kind === 'simulation' ? { sample } : {}),
  ...(executor !== 'auto' && (kind === 'training' || kind === 'run') ? { executor } : {}),
})

const tell = (job: JobResource, { json, quiet, server }: Options): void => {
  const address = new URL(job.links.self ?? `/v1/jobs/${job.id}`, server)
  if (json) process.stdout.write(`${JSON.stringify({ event: 'job', job })}\n`)
  else if (quiet) process.stdout.write(`${job.id}\n`)
  else process.stdout.write(`job ${job.id} (${job.kind}, ${job.state})\n${address}\n`)
}

const theStudy = ({ positionals }: Options): string => {
  if (positionals.length !== 1)
    throw InvalidInput.of('submit', 'one study file', positionals.length === 0 ? 'nothing' : positionals.join(' '))
  return positionals[0]
}

/** Makes a job of a study file. The study is checked here first, with its mesh: that costs nothing and names every problem. */
export const submit = async (options: Options, signal: AbortSignal): Promise<void> => {
  const path = theStudy(options)
  const { study, mesh, meshHash } = await loadStudy(path)
  checkOnMesh(study, mesh)
  const screen = cliScreen(options)
  const client = theService(options, screen)
  const meshPath = resolve(dirname(path), study.domain.mesh)
  const name = await provideMesh(client, meshPath, meshHash, screen, { signal })
  const { kind, priority, title } = options
  const job = await client.submit(
    {
      kind,
      study: { ...study, domain: { ...study.domain, mesh: basename(name) } },
      priority,
      ...(title === undefined ? {} : { title }),
      ...flagsOf(options),
    },
    { signal },
  )
  tell(job, options)
  if (options.watch) await watchJob(client, job.id, screen, options, signal)
  else if (!options.quiet && !options.json) process.stdout.write(`nestwave watch ${job.id} follows it\n`)
}
