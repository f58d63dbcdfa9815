import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Artifact, JobResource } from '../../src/client/api.ts'
import { type NestwaveClient, nestwaveClient } from '../../src/client/client.ts'
import { startPostgres } from '../../src/runtime/postgres/postgres.ts'
import { postgresFolder } from '../../src/runtime/state/place.ts'
import { type Json, tinyMesh } from '../end-to-end/tiny-study.ts'

export const COMMAND = resolve(import.meta.dirname, '../../bin/nestwave.mjs')

/** A process of the service with what it says. */
export interface ServiceProcess {
  readonly child: ChildProcess
  readonly pid: number
  readonly said: () => string
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
}

/** @param before what is put before the command, to run it elsewhere (on another host of a test's network) */
export const startProcess = (
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
  before: readonly string[] = [],
): ServiceProcess => {
  const [command, ...rest] = [...before, process.execPath, COMMAND, ...argv]
  const child = spawn(command, rest, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      text += chunk
    })
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((done) =>
    child.on('exit', (code, signal) => done({ code, signal })),
  )
  return { child, pid: child.pid!, said: () => text, ended }
}

export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

/** Waits for a condition; says what was waited for when it does not come. */
export const until = async (what: string, condition: () => boolean | Promise<boolean>, seconds = 60): Promise<void> => {
  const deadline = Date.now() + 1000 * seconds
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s for: ${what}`)
    await pause(50)
  }
}

/** A data folder with a service on it that can be started, stopped and killed. */
export interface Station {
  readonly data: string
  readonly port: number
  readonly url: string
  readonly client: NestwaveClient
  service(): ServiceProcess
  start(environment?: NodeJS.ProcessEnv, flags?: readonly string[]): Promise<ServiceProcess>
  stop(): Promise<void>
  remove(): Promise<void>
}

let nextPort = 20_000 + Math.floor(Math.random() * 20_000)

export const station = (base: NodeJS.ProcessEnv = {}): Station => {
  const data = join(mkdtempSync(join(tmpdir(), 'nestwave-service-')), 'data')
  const port = nextPort++
  const url = `http://127.0.0.1:${port}`
  let running: ServiceProcess | null = null
  const ready = async (): Promise<boolean> => {
    const answer = await fetch(`${url}/health/ready`).catch(() => null)
    return answer?.ok === true
  }
  const stop = async (): Promise<void> => {
    if (running === null) return
    running.child.kill('SIGTERM')
    await running.ended
    running = null
  }
  return {
    data,
    port,
    url,
    client: nestwaveClient({ url }),
    service: () => running!,
    start: async (environment = {}, flags = []) => {
      const service = startProcess(['serve', ...flags], {
        NESTWAVE_DATA: data,
        PORT: String(port),
        ...base,
        ...environment,
      })
      running = service
      let over = false
      void service.ended.then(() => {
        over = true
      })
      await until('the service to be ready', async () => {
        if (over) throw new Error(`the service ended:\n${service.said()}`)
        return ready()
      })
      return service
    },
    stop,
    remove: async () => {
      await stop()
      // A service that was killed has left its database running.
      await (await startPostgres(postgresFolder(data))).stop()
      rmSync(join(data, '..'), { recursive: true, force: true })
    },
  }
}

export const uploadTinyMesh = (client: NestwaveClient) =>
  client.putMesh('plate.msh', new TextEncoder().encode(tinyMesh()))

/** Waits until a job has ended. */
export const ended = async (client: NestwaveClient, id: string, seconds = 180): Promise<JobResource> => {
  let job = await client.job(id)
  await until(
    `job ${id} to end`,
    async () => {
      job = await client.job(id)
      return job.state !== 'queued' && job.state !== 'running'
    },
    seconds,
  )
  return job
}

export const runToEnd = async (
  client: NestwaveClient,
  study: Json,
  kind: 'run' | 'dataset' = 'run',
): Promise<JobResource> => {
  const job = await client.submit({ kind, study })
  return ended(client, job.id)
}

export const artifactsOf = async (client: NestwaveClient, id: string): Promise<Artifact[]> => {
  const all: Artifact[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await client.artifacts(id, cursor === undefined ? {} : { cursor })
    all.push(...page.items)
    cursor = page.next
  }
  return all
}

export const artifactText = async (client: NestwaveClient, id: string, path: string): Promise<string> =>
  (await client.artifact(id, path)).text()
