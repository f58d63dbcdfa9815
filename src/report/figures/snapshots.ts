import type { Box } from '../axes.ts'
import { colourBar } from '../colour-bar.ts'
import { fieldName, formatQuantity } from '../format.ts'
import { cellMeans, filledCells, heightAt, type MeshView, meshView, outline, pairsPath } from '../mesh-view.ts'
import type { ReportData } from '../report-data.ts'
import { emptyFigure, figureSvg, INK, path, text } from '../svg.ts'
import { extent } from '../ticks.ts'

const WIDTH = 860
const GAP = 18
const CAPTION = 22
const MOST = 4
/** About 28 bytes a cell: keeps the snapshots of a large mesh below 3 MB. */
const MOST_CELLS = 110_000

type Snapshots = ReportData['snapshots']

/** `count` of them, evenly spread with the last one kept. */
const thinned = (all: Snapshots, count: number): Snapshots =>
  all.length <= count
    ? all
    : Array.from({ length: count }, (_, i) => all[Math.round(((i + 1) * all.length) / count) - 1])

const panel = (view: MeshView, box: Box, time: number, fill: string, zone: string): string =>
  [
    text(box.x, box.y - 7, `t = ${formatQuantity(time, 's', 3)}`, { weight: 600 }),
    fill,
    path(pairsPath(view, outline(view)), { stroke: INK, 'stroke-width': 0.8 }),
    path(zone, { stroke: INK, 'stroke-width': 1 }),
  ].join('')

/** The field at a few times, one colour scale for all. */
export const snapshotFigure = (data: Pick<ReportData, 'snapshots' | 'snapshotUnit' | 'geometry'>): string => {
  const { points, cells, zoneCells } = data.geometry
  const title = 'Displacement of one full-domain run'
  const shown = thinned(data.snapshots, Math.max(1, Math.min(MOST, Math.floor(MOST_CELLS / Math.max(1, cells.length)))))
  const columns = shown.length === 3 ? 3 : Math.min(shown.length, 2)
  const range = extent(shown.flatMap(({ nodal }) => Array.from(nodal)))
  if (range === undefined) return emptyFigure(title)
  const domain = [Math.min(0, range[0]), range[1] > 0 ? range[1] : 1] as const
  const width = (WIDTH - GAP * (columns - 1)) / columns
  const height = Math.min(heightAt(points, width), 560)
  const boxes = shown.map((_, i) => ({
    x: (i % columns) * (width + GAP),
    y: Math.floor(i / columns) * (height + CAPTION + 8) + CAPTION,
    width,
    height,
  }))
  const panels = shown.map(({ time, nodal }, i) => {
    const view = meshView(points, cells, boxes[i])
    const zone = pairsPath(view, outline(view, Array.from(zoneCells)))
    return panel(view, boxes[i], time, filledCells(view, cellMeans(view, nodal), domain, 'wave'), zone)
  })
  const bottom = boxes[boxes.length - 1].y + height
  const bar = { x: WIDTH - 370, y: bottom + 18, width: 340, height: 12 }
  return figureSvg(
    WIDTH,
    bottom + 56,
    title,
    ...panels,
    colourBar(bar, domain, fieldName(data.snapshotUnit), data.snapshotUnit, 'wave'),
  )
}
