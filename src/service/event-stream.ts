import { setImmediate } from 'node:timers/promises'
import type { Request, Response } from 'express'
import type { JobEvent } from '../client/api.ts'
import { findJob, isActive, type JobRow } from '../runtime/state/job-row.ts'
import type { Context } from './context.ts'
import { eventsAfter } from './results.ts'

/** Proxies end a connection that says nothing. */
const KEEP_ALIVE = 15_000
/** Should a notification get lost, ms. */
const LOOK_AGAIN = 5_000

/** Where a client left off: its last event's number. */
export const lastSeen = (request: Request, after: number | undefined): number => {
  const header = Number(request.get('Last-Event-ID'))
  return Number.isSafeInteger(header) && header > 0 ? header : (after ?? 0)
}

interface News {
  readonly row: JobRow | null
  /** The number of the last event there is now, or where the reader was. */
  readonly last: number
  /** The events since, as they go to every client. */
  readonly text: string
}

const textOf = (event: JobEvent): string => `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`

/** The row first, then the events: what ends in between is seen the next time. */
const read = async (context: Context, job: string, after: number): Promise<News> => {
  const row = await findJob(context.database, job)
  const events = await eventsAfter(context, job, after)
  return { row, last: events.at(-1)?.seq ?? after, text: events.map(textOf).join('') }
}

/** Reads about to begin: streams of one job that are equally far share one, however many they are. */
const coming = new Map<string, Promise<News>>()

/** One that has begun is not joined: it may have missed what the latest notification is about. */
const newsOf = (context: Context, job: string, after: number): Promise<News> => {
  const key = `${job}/${after}`
  const begin = async (): Promise<News> => {
    await setImmediate()
    coming.delete(key)
    return read(context, job, after)
  }
  const joined = coming.get(key) ?? begin()
  coming.set(key, joined)
  return joined
}

/** Streams that write in one turn of the event loop: a write takes a fifth of a millisecond, and others' requests wait in between. */
const AT_ONCE = 8
let turn: Promise<void> = Promise.resolve()
let inTurn = 0

const myTurn = (): Promise<void> => {
  if (inTurn === 0) {
    const before = turn
    turn = (async () => {
      await before
      await setImmediate()
    })()
  }
  inTurn = (inTurn + 1) % AT_ONCE
  return turn
}

/** A client that reads slowly is told no more until it has read. */
const send = async (response: Response, text: string): Promise<void> => {
  if (text === '' || response.write(text) || response.destroyed) return
  await new Promise<void>((done) => {
    const end = (): void => {
      response.off('drain', end).off('close', end)
      done()
    }
    response.on('drain', end).on('close', end)
  })
}

/**
 * Server-sent events of a job from a number on. They are read from the database, each once and in order, whichever process
 * wrote them; a notification only says that there is something to read. Ends after the final state.
 */
export const streamEvents = async (
  context: Context,
  job: string,
  from: number,
  request: Request,
  response: Response,
): Promise<void> => {
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
  })
  response.flushHeaders()
  if (request.method === 'HEAD') return void response.end()
  let wake = (): void => {}
  let news = false
  let open = true
  const ring = (): void => {
    news = true
    wake()
  }
  const forget = context.onEvent(job, ring)
  request.on('close', () => {
    open = false
    wake()
  })
  const keepAlive = setInterval(() => response.write(': \n\n'), KEEP_ALIVE)
  const rest = (): Promise<void> =>
    new Promise((done) => {
      const timer = setTimeout(done, LOOK_AGAIN)
      wake = () => {
        clearTimeout(timer)
        done()
      }
      if (news || !open) wake()
    })
  try {
    for (let after = from; open; ) {
      news = false
      const { row, last, text } = await newsOf(context, job, after)
      await myTurn()
      await send(response, text)
      after = last
      if (row === null || (!isActive(row) && after >= row.event_seq)) {
        response.write('event: end\ndata: {}\n\n')
        break
      }
      if (text === '') await rest()
    }
  } finally {
    clearInterval(keepAlive)
    forget()
    response.end()
  }
}
