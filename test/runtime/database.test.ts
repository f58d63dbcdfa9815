import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { openDatabase } from '../../src/runtime/state/database.ts'
import { openState } from './state.ts'

describe('a listener', () => {
  it('tries one connection at a time while the database is away', async () => {
    let tries = 0
    const server = createServer((socket) => {
      tries++
      socket.destroy()
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as AddressInfo
    const database = openDatabase({ host: '127.0.0.1', port, user: 'u', password: 'p', database: 'd' }, 2)
    const close = await database.listen('channel', () => {})
    await sleep(2_200)
    await close()
    expect(tries).toBeGreaterThanOrEqual(3)
    expect(tries).toBeLessThanOrEqual(5)
    await sleep(700)
    expect(tries).toBeLessThanOrEqual(5)
    await database.close()
    server.close()
  })

  it('hears again after its connection was ended, and is told that it may have missed something', async () => {
    const { state, remove } = await openState()
    const heard: string[] = []
    const close = await state.database.listen('channel', (payload) => heard.push(payload))
    const hears = async (payload: string): Promise<void> => {
      for (let k = 0; k < 100 && !heard.includes(payload); k++) {
        if (payload !== '') await state.database.query('select pg_notify($1, $2)', ['channel', payload])
        await sleep(50)
      }
      expect(heard).toContain(payload)
    }
    await hears('first')
    await state.database.query(`select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen channel'`)
    await hears('')
    await hears('second')
    await close()
    await remove()
  }, 30_000)
})

describe('a transaction', () => {
  it('that goes silent is ended by the server, so that its locks do not stay', async () => {
    const { state, remove } = await openState()
    const limit = await state.database.transaction((sql) => sql.query('show idle_in_transaction_session_timeout'))
    expect(limit).toEqual([{ idle_in_transaction_session_timeout: '20s' }])
    expect(await state.database.query('show idle_in_transaction_session_timeout')).toEqual([
      { idle_in_transaction_session_timeout: '0' },
    ])
    await remove()
  }, 30_000)
})
