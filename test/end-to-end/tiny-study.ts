import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rectangle } from '../../src/mesh/structured.ts'
import { gmshText } from './gmsh-writer.ts'

/** A study file's content, loosely typed: tests put wrong things into it. */
// biome-ignore lint/suspicious/noExplicitAny: a test reaches into any part of the file, right or wrong
export type Json = any

/** A steel plate 600 mm x 400 mm of 24 x 16 squares, hit at its left edge; a run of every stage takes seconds. */
export const tinyMesh = (): string =>
  gmshText(rectangle({ type: 'Q4', size: [0.6, 0.4], cells: [24, 16], zone: [0.3, 0.15, 0.45, 0.25] }))

const uniform = (low: number, high: number) => ({ law: 'uniform', low, high })

export const tinyStudy = (): Json => ({
  nestwave: 1,
  title: 'Tiny plate',
  seed: 7,
  domain: { mesh: 'plate.msh', physics: 'plane-strain' },
  materials: { default: { youngsModulus: 210e9, poissonRatio: 0.3, density: 7850 } },
  damping: 500,
  fixed: [{ group: 'right' }],
  load: {
    group: 'left',
    direction: [1, 0],
    footprint: 0.15,
    amplitude: uniform(200e6, 400e6),
    arrival: uniform(0, 20e-6),
    position: uniform(0.15, 0.25),
    width: uniform(40e-6, 70e-6),
  },
  uncertainty: { modulusField: { coefficientOfVariation: 0.2, correlationLength: 0.2 } },
  zone: { group: 'zone' },
  time: { duration: 150e-6, keepEvery: 2 },
  quantities: [
    { name: 'peak stress', kind: 'peak-von-mises', at: { group: 'zone' } },
    { name: 'peak motion', kind: 'peak-displacement', at: { point: [0.375, 0.2] } },
    { name: 'arrival', kind: 'arrival-time', at: { point: [0.375, 0.2] }, component: 'x' },
  ],
  dataset: { train: 100, validation: 60, test: 60 },
  reduction: { modes: [8, 16], tolerance: 0.05 },
  generator: { latent: 8, width: 16, hidden: 16, blocks: 2, iterations: 60, batch: 32, checkpointEvery: 20 },
  estimate: {
    samples: 128,
    comparisonSamples: 64,
    exceedance: { 'peak stress': 100e6 },
    granularities: [[0.5, 0.125]],
  },
})

/** The same plate as a membrane: one component, a shear modulus. */
export const scalarStudy = (): Json => {
  const study = tinyStudy()
  return {
    ...study,
    title: 'Tiny membrane',
    domain: { ...study.domain, physics: 'scalar' },
    materials: { default: { shearModulus: 80e9, density: 7850 } },
    time: { duration: 300e-6, keepEvery: 2 },
    quantities: [
      { name: 'peak motion', kind: 'peak-displacement', at: { point: [0.375, 0.2] } },
      { name: 'arrival', kind: 'arrival-time', at: { point: [0.375, 0.2] } },
    ],
    estimate: { ...study.estimate, exceedance: {} },
  }
}

/** The tiny study with the transformer form of the generator. */
export const transformerStudy = (): Json => {
  const study = tinyStudy()
  return {
    ...study,
    title: 'Tiny transformer',
    generator: { ...study.generator, form: 'transformer', heads: 2, tokens: 4 },
  }
}

/** A temporary folder that holds a study file and its mesh. */
export interface Workplace {
  readonly root: string
  readonly study: string
  /** Where results go. */
  readonly out: string
  /** Writes the study file again. */
  write(study: Json): void
  remove(): void
}

export const workplace = (study: Json = tinyStudy(), mesh: string = tinyMesh()): Workplace => {
  const root = mkdtempSync(join(tmpdir(), 'nestwave-'))
  mkdirSync(root, { recursive: true })
  const path = join(root, 'tiny.json')
  const write = (content: Json): void => writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`)
  writeFileSync(join(root, 'plate.msh'), mesh)
  write(study)
  return {
    root,
    study: path,
    out: join(root, 'out'),
    write,
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}
