import { describe, expect, it } from 'vitest'
import { cellCount, nodeCount } from '../../src/mesh/mesh.ts'
import type { FullDomainSpec } from '../../src/wave/full-domain.ts'
import { prepareFullDomain, runFullDomain } from '../../src/wave/full-domain.ts'
import { timeGrid } from '../../src/wave/time-grid.ts'
import { PULSE, plate, plateSpec, steel } from '../verification/setups.ts'

const mesh = plate('Q4', [12, 8])
const cells = cellCount(mesh)
const base: FullDomainSpec = {
  ...plateSpec(mesh, 'elastic'),
  lanes: 4,
  quantities: [
    { name: 'vm', kind: 'peak-von-mises', at: { group: 'zone' } },
    { name: 'u', kind: 'peak-displacement', at: { point: [0.03, 0.02] }, component: 'magnitude' },
  ],
}
const pulses = [PULSE, { ...PULSE, position: 0.01 }, { ...PULSE, amplitude: 5e5 }]
const wavy = (lanes: number): Float64Array =>
  Float64Array.from({ length: cells * lanes }, (_, k) => 1 + 0.1 * Math.sin(1 + (k % lanes) + Math.trunc(k / lanes)))

describe('full domain', () => {
  it('gives a sample the same bits whichever lanes run beside it', () => {
    const full = prepareFullDomain({ ...base, factorBound: 1.2 })
    const factor = wavy(4)
    const together = runFullDomain(full, { count: 3, load: pulses, modulusFactor: factor })
    const size = together.traces.length / 3
    pulses.forEach((pulse, i) => {
      const own = Float64Array.from(factor, (_, k) => factor[Math.trunc(k / 4) * 4 + i])
      const alone = runFullDomain(full, { count: 1, load: [pulse], modulusFactor: own })
      expect(alone.traces).toEqual(together.traces.slice(i * size, (i + 1) * size))
      expect(alone.quantities).toEqual(together.quantities.slice(2 * i, 2 * i + 2))
    })
  })

  it('keeps the frames and snapshots of the steps it says', () => {
    const interfaceNodes = Int32Array.of(30, 40)
    const full = prepareFullDomain({
      ...base,
      interfaceNodes,
      snapshotSteps: [0, 20, 50],
      everyStepNodes: interfaceNodes,
    })
    const { traces, snapshots, everyStep } = runFullDomain(full, {
      count: 2,
      load: pulses.slice(0, 2),
      modulusFactor: null,
    })
    const { frames, steps } = full.time
    expect([traces.length, snapshots!.length]).toEqual([2 * frames * 4, 2 * 3 * nodeCount(mesh) * 2])
    expect(everyStep!.length).toBe(2 * (steps + 1) * 4)
    for (const sample of [0, 1]) {
      for (let f = 0; f < frames; f++) {
        const at = (sample * (steps + 1) + 5 * f) * 4
        expect(traces.slice((sample * frames + f) * 4, (sample * frames + f + 1) * 4)).toEqual(
          Float32Array.from(everyStep!.slice(at, at + 4)),
        )
      }
      const field = snapshots!.subarray((sample * 3 + 1) * nodeCount(mesh) * 2)
      expect(field[2 * 40 + 1]).toBe(traces[(sample * frames + 4) * 4 + 3])
    }
    expect(Math.max(...traces)).toBeGreaterThan(0)
  })

  it('keeps a sample over its stable step, and one that overflows, as data', () => {
    const full = prepareFullDomain({ ...base, factorBound: 1.2 })
    const factor = wavy(4).map((s, k) => (k % 4 === 1 ? 4 * s : s))
    const load = [PULSE, PULSE, { ...PULSE, amplitude: 1e300 }]
    const { status, quantities, traces } = runFullDomain(full, { count: 3, load, modulusFactor: factor })
    expect(status).toEqual(['ok', 'unstable', 'non-finite'])
    expect([...quantities].map(Number.isNaN)).toEqual([false, false, true, true, true, true])
    const size = traces.length / 3
    expect(traces.slice(size, 2 * size).every((v) => v === 0)).toBe(true)
    const clean = runFullDomain(full, { count: 1, load: [PULSE], modulusFactor: factor })
    expect([clean.status[0], clean.quantities[0]]).toEqual(['ok', quantities[0]])
  })

  it('takes a step at the limit and refuses one above, naming the limit', () => {
    const { stableStep } = prepareFullDomain(base)
    const at = (step: number) => prepareFullDomain({ ...base, time: { step, steps: 10 } }).time.step
    expect(at(stableStep)).toBe(stableStep)
    expect(() => at(1.001 * stableStep)).toThrow(
      /time.step: expected > 0 and ≤ [\d.]+e-7 s, the stable limit, received/,
    )
  })

  const medium = steel('elastic', cells)
  it.each<[RegExp, Partial<FullDomainSpec>]>([
    [
      /medium.density\[3\]: expected a density > 0/,
      { medium: { ...medium, density: medium.density.map((d, i) => (i === 3 ? -d : d)) } },
    ],
    [/medium.density: expected 96 values/, { medium: { ...medium, density: medium.density.slice(1) } }],
    [
      /medium.poissonRatio\[0\]/,
      { medium: { ...steel('elastic', cells), poissonRatio: new Float64Array(cells).fill(0.5) } as typeof medium },
    ],
    [/damping/, { damping: -1 }],
    [/fixed\[0\].group: .*'left'.*'clamped'/, { fixed: [{ group: 'clamped' }] }],
    [/load.group: .*'left'.*'lfet'/, { load: { ...base.load, group: 'lfet' } }],
    [/interfaceNodes\[1\]/, { interfaceNodes: Int32Array.of(3, 999) }],
    [/snapshotSteps\[1\]/, { snapshotSteps: [4, 4] }],
    [/factorBound/, { factorBound: 0 }],
    [/'steps' or 'duration'/, { time: {} }],
  ])('refuses %s', (message, change) => {
    expect(() => prepareFullDomain({ ...base, ...change })).toThrow(message)
  })

  it('refuses a batch that does not fit', () => {
    const full = prepareFullDomain(base)
    expect(() => runFullDomain(full, { count: 5, load: [], modulusFactor: null })).toThrow(
      'count: expected from 1 to 4',
    )
    expect(() => runFullDomain(full, { count: 2, load: [PULSE], modulusFactor: null })).toThrow(
      'load: expected 2 pulses',
    )
    const negative = wavy(4).map((s, k) => (k === 9 ? -s : s))
    const run = () => runFullDomain(full, { count: 3, load: pulses, modulusFactor: negative })
    expect(run).toThrow('modulusFactor[2, 1]: expected a finite factor > 0')
  })
})

describe('time grid', () => {
  it('cuts a duration into a multiple of keepEvery steps, exactly', () => {
    const grid = timeGrid({ duration: 1 }, 5, 0.1)
    expect(grid).toEqual({ step: 1 / 15, steps: 15, keepEvery: 5, frames: 4 })
    expect(timeGrid({ duration: 0.45 }, 5, 0.1).steps).toBe(5)
    expect(timeGrid({ steps: 10, courant: 0.5 }, 5, 0.1)).toEqual({ step: 0.05, steps: 10, keepEvery: 5, frames: 3 })
  })

  it('refuses steps that are no multiple of keepEvery', () => {
    expect(() => timeGrid({ steps: 11 }, 5, 0.1)).toThrow(
      'time.steps: expected a multiple of keepEvery (5), received 11',
    )
  })
})
