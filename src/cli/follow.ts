import { z } from 'zod'
import type { JobEvent } from '../client/api.ts'
import type { Line, Screen } from './progress.ts'

/** `stage` says how much there is to do, `progress` how much of it is done. */
const progressSchema = z.object({
  stage: z.string(),
  total: z.number(),
  found: z.number().default(0),
  done: z.number().optional(),
  detail: z.string().default(''),
})

type Told = z.output<typeof progressSchema>

interface Running extends Line {
  /** ms, by the service's clock: events may arrive long after they happened */
  readonly began: number
}

/**
 * The stages of a job as lines. A recipe that was put aside and taken up again names its stages again: one that is under way
 * goes on, one that was finished and shown is passed over.
 */
const stageLines = (screen: Screen) => {
  let line: Running | null = null
  let shown = Number.NEGATIVE_INFINITY
  const finished = new Set<string>()
  const finish = (): void => {
    if (line === null) return
    finished.add(line.name)
    screen.show(line, true)
    line = null
  }
  const isUnderWay = (stage: string): boolean => line?.name === stage && line.done < line.total
  const isOver = (stage: string): boolean => finished.has(stage) || (line?.name === stage && line.done >= line.total)
  const begin = (at: number, { stage, total, found, detail }: Told): void => {
    finish()
    line = { name: stage, done: found, found, total, detail, began: at, seconds: 0 }
  }
  const update = (at: number, told: Told): void => {
    const { stage, total, found, done, detail } = told
    const begins = done === undefined
    if (begins && found >= total && isOver(stage)) return
    if (line?.name !== stage || (begins && !isUnderWay(stage))) begin(at, told)
    const { began, detail: before } = line!
    line = { ...line!, total, done: done ?? found, detail: detail || before, seconds: (at - began) / 1000 }
    if (performance.now() - shown < screen.interval) return
    shown = performance.now()
    screen.show(line, false)
  }
  /** What comes next is another attempt. */
  const forget = (): void => {
    line = null
    finished.clear()
  }
  return { update, finish, forget }
}

/** Shows the events of a job, one after the other. */
export const follower = (screen: Screen): ((event: JobEvent) => void) => {
  const stages = stageLines(screen)
  /** How an attempt failed is news only if another one followed: the last one's end is told by the caller. */
  let held: string | null = null
  const state = (name: string, reason: string): void => {
    const text = reason === '' ? name : `${name}: ${reason}`
    if (name === 'succeeded') stages.finish()
    if (name !== 'running') stages.forget()
    if (name === 'failed' || name === 'cancelled') held = text
    else screen.message('note', text)
  }
  return ({ type, data, at }) => {
    if (held !== null) screen.message('note', held)
    held = null
    if (type === 'state') state(String(data.state), String(data.reason ?? ''))
    if (type === 'note' || type === 'warning') screen.message(type, String(data.text))
    // A failure says what the state after it says again.
    if (type !== 'stage' && type !== 'progress') return
    const found = progressSchema.safeParse(data)
    if (found.success) stages.update(Date.parse(at), found.data)
  }
}
