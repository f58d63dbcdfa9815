import type { RequestHandler } from 'express'
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Context } from './context.ts'

export interface Metrics {
  readonly observe: RequestHandler
  readonly text: () => Promise<string>
  readonly contentType: string
}

/** Counted by route, not by path: ids must not become labels. */
const routeOf = (path: unknown): string => (typeof path === 'string' ? path : 'none')

const gauges = ({ database, queue }: Context, registers: Registry[]): void => {
  new Gauge({
    name: 'nestwave_jobs',
    help: 'Jobs by state',
    labelNames: ['state'],
    registers,
    async collect() {
      this.reset()
      for (const { state, n } of await database.query<{ state: string; n: number }>(
        'select state, count(*) as n from nestwave.job group by state',
      ))
        this.set({ state }, n)
    },
  })
  new Gauge({
    name: 'nestwave_queue_ready',
    help: 'Messages that wait in a queue',
    labelNames: ['queue'],
    registers,
    async collect() {
      this.reset()
      for (const [name, n] of Object.entries(await queue.depth())) this.set({ queue: name }, n)
    },
  })
  new Gauge({
    name: 'nestwave_workers',
    help: 'Working processes of all workers',
    registers,
    async collect() {
      const [{ n }] = await database.query<{ n: number }>(
        'select coalesce(sum(slots), 0)::int as n from nestwave.worker',
      )
      this.set(n)
    },
  })
  new Gauge({
    name: 'nestwave_cpu_seconds',
    help: 'Processor time of all jobs, s',
    registers,
    async collect() {
      const [{ s }] = await database.query<{ s: number }>('select coalesce(sum(cpu_seconds), 0) as s from nestwave.job')
      this.set(s)
    },
  })
}

export const openMetrics = (context: Context): Metrics => {
  const register = new Registry()
  collectDefaultMetrics({ register })
  gauges(context, [register])
  const duration = new Histogram({
    name: 'nestwave_http_seconds',
    help: 'Time to answer, s (streams of events not counted)',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
    registers: [register],
  })
  const observe: RequestHandler = (request, response, next) => {
    const end = duration.startTimer()
    response.on('finish', () => {
      if (response.getHeader('Content-Type')?.toString().startsWith('text/event-stream')) return
      end({ method: request.method, route: routeOf(request.route?.path), status: String(response.statusCode) })
    })
    next()
  }
  return { observe, text: () => register.metrics(), contentType: register.contentType }
}
