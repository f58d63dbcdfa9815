import { eventSchema, type JobEvent } from './api.ts'
import { OffContract } from './failure.ts'
import { backoff, pause } from './patience.ts'
import { type ServerSentEvent, sseParser } from './sse.ts'
import { parseAs, type Read, type Transport } from './transport.ts'

export interface EventOptions {
  /** The last event that is known already (default 0: from the beginning). */
  readonly after?: number
  readonly signal?: AbortSignal | undefined
}

/** Runs out when nothing has been read for `seconds`: a connection can die without either end being told. */
const watchdog = (seconds: number, bite: () => void) => {
  let timer: ReturnType<typeof setTimeout>
  const stop = (): void => clearTimeout(timer)
  const feed = (): void => {
    stop()
    timer = setTimeout(bite, seconds * 1000)
  }
  feed()
  return { feed, stop }
}

/** Not any answer: a page of a proxy's would be read as a stream without events, for ever. */
const asStream: Read<ReadableStream<Uint8Array>> = async ({ headers, body }, _, request) => {
  const type = headers.get('content-type') ?? 'nothing'
  if (body === null || !type.startsWith('text/event-stream')) throw new OffContract(request, type)
  return body
}

/** The events of one connection, as long as it lasts. Losing it ends them; it is for the caller to come again. */
async function* connection(stream: ReadableStream<Uint8Array>, silence: number): AsyncGenerator<ServerSentEvent, void> {
  const reader = stream.getReader()
  const close = (): void => void reader.cancel().catch(() => {})
  const dog = watchdog(silence, close)
  const parse = sseParser()
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }))
      if (done || value === undefined) return
      dog.feed()
      yield* parse(value)
    }
  } finally {
    dog.stop()
    close()
  }
}

/**
 * The events of a job, each once and in order, across lost connections: a new one begins after the last event that arrived.
 * Ends when the service says that nothing follows.
 * @throws OffContract when the service has lost events
 * @verifiedBy test/client/client.test.ts
 */
export async function* jobEvents(
  ask: Transport,
  id: string,
  silence: number,
  { after = 0, signal }: EventOptions,
): AsyncGenerator<JobEvent, void> {
  const path = `/v1/jobs/${encodeURIComponent(id)}/events`
  let last = after
  let missing = 0
  for (let fruitless = 0; ; fruitless++) {
    const from = last
    const headers = { accept: 'text/event-stream', ...(last > 0 ? { 'last-event-id': String(last) } : {}) }
    const stream = await ask({ method: 'GET', path, headers, signal }, asStream)
    for await (const sent of connection(stream, silence)) {
      if (sent.event === 'end') return
      const event = parseAs(eventSchema, sent.data, `GET ${path}`)
      if (event.seq <= last) continue
      if (event.seq > last + 1) {
        // Once it may be a connection gone wrong; a second time they are gone.
        if (missing === last + 1) throw new OffContract(`GET ${path}`, `event ${event.seq} after event ${last}`)
        missing = last + 1
        break
      }
      last = event.seq
      yield event
    }
    signal?.throwIfAborted()
    if (last > from) fruitless = 0
    await pause(backoff(fruitless), signal)
  }
}
