import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nextTag, priorityOf } from '../../src/runtime/queue/fairness.ts'
import { openQueue, type Queue } from '../../src/runtime/queue/queue.ts'
import { type Opened, openState } from './state.ts'

let opened: Opened
let queue: Queue
beforeAll(async () => {
  opened = await openState()
  queue = await openQueue(opened.state.database, () => {}, { supervise: false })
})
afterAll(async () => {
  await queue.stop()
  await opened.remove()
})

const send = (messages: readonly { id?: string; data: object; priority?: number }[]): Promise<void> =>
  opened.state.database.transaction((sql) =>
    queue.send(
      sql,
      'chunk',
      messages.map((m) => ({ id: randomUUID(), ...m })),
    ),
  )
const complete = (claim: Awaited<ReturnType<Queue['fetch']>>): Promise<boolean> =>
  opened.state.database.transaction((sql) => queue.complete(sql, claim!))

describe('the queue', () => {
  it('hands a message out once, and settles it once', async () => {
    await send([{ data: { n: 1 } }])
    const claim = await queue.fetch('chunk')
    expect(claim).toMatchObject({ data: { n: 1 }, retryCount: 0 })
    expect(await queue.fetch('chunk')).toBeNull()
    expect(await complete(claim)).toBe(true)
    expect(await complete(claim)).toBe(false)
  })

  it('has messages only when their transaction commits', async () => {
    const failing = opened.state.database.transaction(async (sql) => {
      await queue.send(sql, 'chunk', [{ id: randomUUID(), data: {} }])
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await queue.fetch('chunk')).toBeNull()
  })

  it('takes the same id once', async () => {
    const id = randomUUID()
    await send([{ id, data: {} }])
    await send([{ id, data: {} }])
    await complete(await queue.fetch('chunk'))
    expect(await queue.fetch('chunk')).toBeNull()
  })

  it('fences: an attempt that was failed cannot be completed, the next one can', async () => {
    await send([{ data: { n: 2 } }])
    const first = await queue.fetch('chunk')
    await queue.fail(first!, 'out of memory')
    expect(await complete(first)).toBe(false)
    await opened.state.database.query(`update pgboss.job set start_after = now() where name = 'chunk'`)
    const second = await queue.fetch('chunk')
    expect(second).toMatchObject({ id: first!.id, retryCount: 1 })
    expect(await queue.touch([first!, second!])).toEqual([first!.id])
    expect(await complete(second)).toBe(true)
  })

  it('gives back what was not begun, without counting an attempt', async () => {
    await send([{ data: { n: 3 } }])
    await queue.giveBack((await queue.fetch('chunk'))!)
    const again = await queue.fetch('chunk')
    expect(again).toMatchObject({ data: { n: 3 }, retryCount: 0 })
    await complete(again)
  })

  it('buries a message that failed at every attempt, with its error', async () => {
    await send([{ data: { n: 4 } }])
    for (let attempt = 0; attempt <= 3; attempt++) {
      await opened.state.database.query(`update pgboss.job set start_after = now() where name = 'chunk'`)
      await queue.fail((await queue.fetch('chunk'))!, `attempt ${attempt}`)
    }
    const buried: unknown[] = []
    expect(await queue.bury('chunk', async (_, message) => void buried.push(message))).toBe(true)
    expect(buried).toEqual([{ data: { n: 4 }, error: 'attempt 3', attempts: 4 }])
    expect(await queue.bury('chunk', async () => {})).toBe(false)
  })

  it('cancels: a message in hand cannot be completed any more', async () => {
    await send([{ data: { n: 5 } }])
    const claim = await queue.fetch('chunk')
    await opened.state.database.transaction((sql) => queue.cancel(sql, 'chunk', [claim!.id]))
    expect(await complete(claim)).toBe(false)
  })
})

describe('fairness', () => {
  const job = randomUUID()
  const waiting = async (owner: string, count: number): Promise<void> => {
    const { database } = opened.state
    const first = await nextTag(database, owner)
    const rows = Array.from({ length: count }, (_, k) => ({ id: randomUUID(), tag: first + k }))
    for (const { id, tag } of rows)
      await database.query(
        `insert into nestwave.chunk (id, job, owner, wave, folder, path, task, setup_sha256, input_sha256, samples, tag)
         values ($1, $2, $3, 1, $2, $4, 'submodel', '', '', 1, $5)`,
        [id, job, owner, id, tag],
      )
    await send(rows.map(({ id, tag }) => ({ id, data: { owner }, priority: priorityOf(0, tag) })))
  }
  const next = async (): Promise<string> => {
    const claim = (await queue.fetch<{ owner: string }>('chunk'))!
    await complete(claim)
    await opened.state.database.query('update nestwave.chunk set done_at = now() where id = $1', [claim.id])
    return claim.data.owner
  }

  it('lets users take turns, whoever came first and whoever has more', async () => {
    await opened.state.database.query(
      `insert into nestwave.job (id, owner, kind, title, state, study, mesh_name, mesh_sha256, options, priority, limits)
       values ($1, 'anna', 'run', '', 'running', '{}', '', '', '{}', 0, '{}')`,
      [job],
    )
    await waiting('anna', 10)
    for (let k = 0; k < 4; k++) expect(await next()).toBe('anna')
    await waiting('ben', 3)
    const order = []
    for (let k = 0; k < 9; k++) order.push(await next())
    // Ben comes late and is not made to wait behind Anna's six: of the next six chunks he has his three.
    expect(order.slice(0, 6).filter((owner) => owner === 'ben')).toHaveLength(3)
    expect(order.filter((owner) => owner === 'anna')).toHaveLength(6)
  })

  it('puts a higher priority before all tags of lower ones', () => {
    expect(priorityOf(1, 400_000_000)).toBeGreaterThan(priorityOf(0, 0))
    expect(priorityOf(0, 3)).toBeGreaterThan(priorityOf(0, 4))
  })
})
