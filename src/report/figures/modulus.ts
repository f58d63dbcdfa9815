import { colourBar } from '../colour-bar.ts'
import { filledCells, heightAt, meshView, outline, pairsPath } from '../mesh-view.ts'
import type { Geometry } from '../report-data.ts'
import { emptyFigure, figureSvg, INK, path } from '../svg.ts'
import { extent } from '../ticks.ts'

const WIDTH = 620

/** Young's modulus per cell of one run, with the outline of the zone. */
export const modulusFigure = (geometry: Geometry): string => {
  const title = "Young's modulus of one full-domain run"
  const range = extent(Array.from(geometry.modulus))
  if (range === undefined) return emptyFigure(title)
  const height = Math.min(heightAt(geometry.points, WIDTH - 8), 520)
  const view = meshView(geometry.points, geometry.cells, { x: 4, y: 4, width: WIDTH - 8, height })
  return figureSvg(
    WIDTH,
    height + 54,
    title,
    filledCells(view, geometry.modulus, range, 'material'),
    path(pairsPath(view, outline(view)), { stroke: INK, 'stroke-width': 0.8 }),
    path(pairsPath(view, outline(view, Array.from(geometry.zoneCells))), {
      stroke: INK,
      'stroke-width': 1.4,
    }),
    colourBar({ x: WIDTH - 330, y: height + 18, width: 300, height: 12 }, range, "Young's modulus", 'Pa', 'material'),
  )
}
