import type { Box } from '../axes.ts'
import type { RampName } from '../colour.ts'
import { colourBar } from '../colour-bar.ts'
import { fieldName, formatQuantity, sentenceCase } from '../format.ts'
import { cellMeans, filledCells, heightAt, type MeshView, meshView, outline, pairsPath } from '../mesh-view.ts'
import type { ReportData } from '../report-data.ts'
import { emptyFigure, figureSvg, INK, path, text } from '../svg.ts'
import { extent } from '../ticks.ts'

const WIDTH = 860
const GAP = 20
const HEADING = 24
const MOST = 3
/** About 28 bytes a cell: keeps the pictures of a large mesh below 3 MB. */
const MOST_CELLS = 110_000

type Data = Pick<ReportData, 'snapshots' | 'snapshotUnit' | 'geometry'>
type Domain = readonly [number, number]

interface Field {
  readonly title: string
  readonly ramp: RampName
  readonly domain: Domain
  readonly values: (view: MeshView) => ArrayLike<number>
}

/** `count` of them, evenly spread with the last one kept. */
const thinned = <T>(all: readonly T[], count: number): readonly T[] =>
  all.length <= count
    ? all
    : Array.from({ length: count }, (_, i) => all[Math.round(((i + 1) * all.length) / count) - 1])

const modulusDomain = ({ geometry }: Data): Domain | undefined => extent(Array.from(geometry.modulus))

const waveDomain = ({ snapshots }: Data): Domain | undefined => {
  const range = extent(snapshots.flatMap(({ nodal }) => Array.from(nodal)))
  return range === undefined ? undefined : [Math.min(0, range[0]), range[1] > 0 ? range[1] : 1]
}

/** The modulus first, then the wave at a few times; what has nothing finite to show is left out. */
const fieldsOf = (data: Data): readonly Field[] => {
  const room = Math.floor(MOST_CELLS / Math.max(1, data.geometry.cells.length)) - 1
  const modulus = modulusDomain(data)
  const wave = waveDomain(data)
  const first: Field[] =
    modulus === undefined
      ? []
      : [{ title: data.geometry.modulusName, ramp: 'material', domain: modulus, values: () => data.geometry.modulus }]
  const rest: readonly Field[] =
    wave === undefined
      ? []
      : thinned(data.snapshots, Math.max(1, Math.min(MOST, room))).map(({ time, nodal }) => ({
          title: `${sentenceCase(fieldName(data.snapshotUnit))} at t = ${formatQuantity(time, 's', 3)}`,
          ramp: 'wave',
          domain: wave,
          values: (view) => cellMeans(view, nodal),
        }))
  return [...first, ...rest]
}

const panel = (field: Field, { points, cells, zoneCells }: Data['geometry'], box: Box): string => {
  const view = meshView(points, cells, box)
  return [
    text(box.x, box.y - 7, field.title, { weight: 600 }),
    filledCells(view, field.values(view), field.domain, field.ramp),
    path(pairsPath(view, outline(view)), { stroke: INK, 'stroke-width': 0.8 }),
    path(pairsPath(view, outline(view, Array.from(zoneCells))), { stroke: INK, 'stroke-width': 1.1 }),
  ].join('')
}

const bars = (data: Data, top: number): string => {
  const bar = (half: 0 | 1): Box => ({ x: (WIDTH / 2) * half + 170, y: top, width: 230, height: 12 })
  const modulus = modulusDomain(data)
  const wave = waveDomain(data)
  return [
    modulus === undefined ? '' : colourBar(bar(0), modulus, data.geometry.modulusName, 'Pa', 'material'),
    wave === undefined ? '' : colourBar(bar(1), wave, fieldName(data.snapshotUnit), data.snapshotUnit, 'wave'),
  ].join('')
}

/** The modulus and the wave at a few times of one full-domain run, with the outline of the zone; one scale for all times. */
export const fieldsFigure = (data: Data): string => {
  const title = `${data.geometry.modulusName} and displacement of one full-domain run`
  const fields = fieldsOf(data)
  if (fields.length === 0) return emptyFigure(title)
  const columns = Math.min(2, fields.length)
  const width = (WIDTH - GAP) / 2
  const height = Math.min(heightAt(data.geometry.points, width), 420)
  const boxes = fields.map((_, i) => ({
    x: (i % columns) * (width + GAP),
    y: Math.floor(i / columns) * (height + HEADING + 8) + HEADING,
    width,
    height,
  }))
  const bottom = boxes[boxes.length - 1].y + height
  return figureSvg(
    WIDTH,
    bottom + 54,
    title,
    ...fields.map((f, i) => panel(f, data.geometry, boxes[i])),
    bars(data, bottom + 18),
  )
}
