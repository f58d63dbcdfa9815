import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { blocksOf } from '../../src/mesh/cells.ts'
import type { Mesh } from '../../src/mesh/mesh.ts'
import { cellCount, nodeCount } from '../../src/mesh/mesh.ts'
import { type Crack, splitForCracks } from '../../src/wave/crack.ts'
import { prepareFullDomain, runFullDomain } from '../../src/wave/full-domain.ts'
import { relativeDifference, steel } from './setups.ts'

const FOLDER = resolve(import.meta.dirname, '../fixtures/fenics-crack')

interface Fixture {
  readonly made: { readonly sha256: string }
  readonly points: number[]
  readonly cells: number[]
  readonly step: number
  readonly times: number[]
  readonly whole: number[][]
  readonly cracked: number[][]
}

const fixture: Fixture = JSON.parse(readFileSync(join(FOLDER, 'fenics-crack.json'), 'utf8'))
const [NX, NY, COLUMN] = [12, 8, 4]
const TIPS = [2, 6] as const
const PULSE = { amplitude: 1e6 * Math.hypot(1, 0.5), arrival: 0, position: 0, width: 60e-6 }

/** Facets of a column, from below. */
const column = (i: number): Int32Array => {
  const node = (j: number): number => j * (NX + 1) + i
  return Int32Array.from({ length: 2 * NY }, (_, k) => node((k >> 1) + (k & 1)))
}

const mesh: Mesh = {
  points: Float64Array.from(fixture.points),
  blocks: blocksOf(fixture.cells, []),
  cellGroups: new Map(),
  facetGroups: new Map([
    ['left', column(0)],
    ['line', column(COLUMN)],
    ['right', column(NX)],
  ]),
}
const { mesh: split, line } = splitForCracks(mesh, 'line', 'line')

/** Displacements of all nodes of the split mesh at the fixture's times. */
const frames = (crack: Crack | null): Float64Array[] => {
  const { step, times } = fixture
  const full = prepareFullDomain({
    mesh: split,
    medium: steel('elastic', cellCount(split)),
    damping: 0,
    fixed: [{ group: 'right' }],
    load: { group: 'left', direction: [1, 0.5], footprint: null },
    time: { step, steps: Math.round(times.at(-1)! / step) },
    keepEvery: 1,
    interfaceNodes: new Int32Array(0),
    quantities: [],
    everyStepNodes: Int32Array.from({ length: nodeCount(split) }, (_, n) => n),
    crackLine: line,
    lanes: 1,
  })
  const { everyStep } = runFullDomain(full, { count: 1, load: [PULSE], modulusFactor: null, cracks: [crack] })
  const size = 2 * nodeCount(split)
  return times.map((t) => everyStep!.slice(Math.round(t / step) * size, (Math.round(t / step) + 1) * size))
}

const copies = new Map(Array.from(line.nodes, (node, k) => [node, line.copies[k]]))
/** FEniCS's node numbers in ours: its own nodes are right of the slit, our copies left of the whole line. */
const left = Array.from({ length: nodeCount(mesh) }, (_, n) => copies.get(n) ?? n)
const right = Array.from({ length: TIPS[1] - TIPS[0] - 1 }, (_, k) => line.nodes[TIPS[0] + 1 + k])
const at = (field: Float64Array, nodes: readonly number[]): number[] =>
  nodes.flatMap((n) => [field[2 * n], field[2 * n + 1]])

it('the fixture was made by the script beside it', () => {
  const script = readFileSync(join(FOLDER, 'solve.py'))
  expect(createHash('sha256').update(script).digest('hex')).toBe(fixture.made.sha256)
})

describe('FEniCS on a mesh with a slit, the same lumped scheme and step', () => {
  it('an open crack is that slit, to 1e-10', () => {
    const centre = (line.middles[TIPS[0]] + line.middles[TIPS[1] - 1]) / 2
    const length = line.middles[TIPS[1] - 1] - line.middles[TIPS[0]] + 1e-6
    frames({ centre, length }).forEach((field, k) => {
      expect(relativeDifference(at(field, [...left, ...right]), fixture.cracked[k])).toBeLessThan(1e-10)
    })
  })

  it('no crack is the whole plate, to 1e-10', () => {
    frames(null).forEach((field, k) => {
      expect(relativeDifference(at(field, left), fixture.whole[k])).toBeLessThan(1e-10)
    })
  })

  it('the two differ by far', () => {
    const last = fixture.times.length - 1
    expect(
      relativeDifference(fixture.cracked[last].slice(0, 2 * nodeCount(mesh)), fixture.whole[last]),
    ).toBeGreaterThan(0.05)
  })
})
