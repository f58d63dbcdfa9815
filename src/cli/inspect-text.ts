import type { MeshSurvey } from '../study/survey.ts'
import type { FolderInspection, MeshInspection, StudyInspection } from './inspect.ts'
import { duration } from './progress.ts'
import { headlines } from './summary.ts'

const number = (x: number): string => String(Number(x.toPrecision(4)))
const grouped = (n: number): string => String(n).replaceAll(/\B(?=(\d{3})+$)/g, ',')

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const
export const bytes = (count: number): string => {
  const power = count < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(count) / 3))
  return `${number(count / 1000 ** power)} ${UNITS[power]}`
}

const PREFIXES = ['', 'm', 'µ', 'n', 'p'] as const
/** A small quantity with a prefix: 0.0000023 s is 2.3 µs. */
export const small = (x: number, unit: string): string => {
  if (!(x > 0)) return `${number(x)} ${unit}`
  const power = Math.min(PREFIXES.length - 1, Math.max(0, Math.ceil(-Math.log10(x) / 3)))
  return `${number(x * 1000 ** power)} ${PREFIXES[power]}${unit}`
}

type Row = readonly [label: string, value: string]
const table = (rows: readonly Row[]): string => {
  const width = Math.max(...rows.map(([label]) => label.length))
  return rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}\n`).join('')
}

const counts = (by: Readonly<Record<string, number>>, noun: string): string =>
  Object.entries(by)
    .map(([name, n]) => `${name} (${grouped(n)} ${noun})`)
    .join(', ') || 'none'

const meshRows = (mesh: MeshSurvey): Row[] => {
  const [x0, y0, x1, y1] = mesh.boundingBox.map(number)
  return [
    ['nodes', grouped(mesh.nodes)],
    [
      'cells',
      Object.entries(mesh.cells)
        .map(([type, n]) => `${grouped(n)} ${type}`)
        .join(', '),
    ],
    ['bounding box', `[${x0}, ${x1}] x [${y0}, ${y1}] m`],
    ['cell groups', counts(mesh.cellGroups, 'cells')],
    ['facet groups', counts(mesh.facetGroups, 'facets')],
  ]
}

export const meshText = (mesh: MeshInspection): string =>
  [
    `${mesh.path}: a mesh\n`,
    table(meshRows(mesh)),
    `\nworst cells (they limit the time step; half of all are taller than ${small(mesh.medianHeight, 'm')})\n`,
    table(
      mesh.worst.map(({ cell, height, at }) => [
        `cell ${cell}`,
        `height ${small(height, 'm')} at (${number(at[0])}, ${number(at[1])}) m`,
      ]),
    ),
  ].join('')

const timeRows = ({ time, trace, modulusTerms, zone }: StudyInspection): Row[] => [
  [
    'zone',
    `${grouped(zone.cells)} cells, ${grouped(zone.nodes)} nodes, ${grouped(zone.interfaceNodes)} of them on its boundary`,
  ],
  [
    'stable step',
    `${small(time.stableStep, 's')}${modulusTerms === null ? '' : `; ${small(time.stableStepOfField, 's')} under the random modulus`}`,
  ],
  ['steps', `${grouped(time.steps)} of ${small(time.step, 's')}`],
  [
    'trace',
    `${grouped(time.frames)} frames, every ${small(time.frameStep, 's')}: ${grouped(trace.values)} numbers, ${bytes(trace.bytes)}`,
  ],
  [
    'modulus field',
    modulusTerms === null ? 'none: the modulus is not random' : `${grouped(modulusTerms)} Karhunen-Loève terms`,
  ],
]

const WIDTH = 110

/** A paragraph in lines of a terminal. */
const wrapped = (text: string): string =>
  text
    .split(' ')
    .reduce((lines, word) =>
      lines.length - lines.lastIndexOf('\n') + word.length > WIDTH ? `${lines}\n${word}` : `${lines} ${word}`,
    )

const costText = ({ cost }: StudyInspection): string =>
  [
    `\nestimated cost with ${cost.workers} ${cost.workers === 1 ? 'worker' : 'workers'}\n`,
    table([
      ...cost.stages.map(
        ({ stage, count, of, seconds }): Row => [stage, `${duration(seconds).padStart(12)}   ${grouped(count)} ${of}`],
      ),
      ['together', duration(cost.seconds).padStart(12)],
      ['disk', bytes(cost.bytes).padStart(12)],
    ]),
    `${wrapped(`(${cost.basis})`)}\n`,
  ].join('')

export const studyText = (study: StudyInspection): string =>
  [
    `${study.path}: ${study.title} (${study.physics})\n`,
    table([
      ...meshRows(study.mesh),
      ...timeRows(study),
      ...study.quantities.map((name, k): Row => [k === 0 ? 'quantities' : '', name]),
    ]),
    costText(study),
  ].join('')

const STAGES = { dataset: 'dataset', model: 'train', estimate: 'estimate' } as const

export const folderText = (folder: FolderInspection): string => {
  const stages = Object.entries(folder.stages) as [keyof typeof STAGES, boolean][]
  const times = Object.entries(folder.timings)
  return [
    `${folder.path}: ${folder.title} (seed ${folder.seed})\n`,
    table(stages.map(([stage, done]) => [STAGES[stage], done ? 'finished' : 'not finished'])),
    folder.series.length > 0 ? '\nsamples\n' : '\nno samples yet\n',
    folder.series.length > 0 ? table(folder.series.map(({ path, samples }) => [path, grouped(samples)])) : '',
    times.length > 0 ? `\ntime spent\n${table(times.map(([stage, seconds]) => [stage, duration(seconds)]))}` : '',
    folder.report === null ? '' : headlines(folder.report),
  ].join('')
}
