import { formatQuantity } from '../format.ts'
import { type LegendEntry, legend } from '../legend.ts'
import { allEdges, cellPath, heightAt, type MeshView, meshView, outline, pairsPath } from '../mesh-view.ts'
import type { Geometry } from '../report-data.ts'
import { element, figureSvg, INK, linePath, MUTED, path, text } from '../svg.ts'

const WIDTH = 860
const PAD = 44
const ZONE = '#56b4e9'
const INTERFACE = '#0072b2'
const FACETS = ['#d55e00', '#1c2733', '#009e73', '#cc79a7']
const PROBE = '#e69f00'
/** Beyond this the mesh lines would be a grey blur and most of the file. */
const MOST_MESH_LINES = 40_000

const zonePath = (view: MeshView, zone: ArrayLike<number>): string =>
  Array.from(zone, (c) => cellPath(view, view.cells[c])).join('')

const meshLines = (view: MeshView): string => {
  const pairs = view.cells.length > MOST_MESH_LINES ? outline(view) : allEdges(view)
  return path(pairsPath(view, pairs), { stroke: '#7b8794', 'stroke-width': 0.45 })
}

/** The zone's edges with both ends on the interface. */
const interfacePairs = (view: MeshView, zone: ArrayLike<number>, nodes: ArrayLike<number>): number[] => {
  const on = new Set(Array.from(nodes))
  const pairs = outline(view, Array.from(zone))
  return pairs.filter((_, i) => on.has(pairs[i - (i % 2)]) && on.has(pairs[i - (i % 2) + 1]))
}

const LABEL_SIZE = 12

const probe = (view: MeshView, name: string, [px, py]: readonly [number, number]): string => {
  const x = view.x(px)
  const y = view.y(py)
  const leftHalf = px < (view.low[0] + view.high[0]) / 2
  const label = text(x + (leftHalf ? 9 : -9), y - 7, name, {
    anchor: leftHalf ? 'start' : 'end',
    size: LABEL_SIZE,
    weight: 600,
    halo: true,
  })
  return element('circle', { cx: x, cy: y, r: 4.5, fill: PROBE, stroke: INK, 'stroke-width': 1.2 }) + label
}

/** The domain's width and height as dimension lines. */
const dimensions = (view: MeshView): string => {
  const [x0, x1] = [view.x(view.low[0]), view.x(view.high[0])]
  const [y0, y1] = [view.y(view.low[1]), view.y(view.high[1])]
  const below = y0 + 20
  const beside = x0 - 20
  const line = { stroke: MUTED, 'stroke-width': 1 }
  const ends =
    linePath([x0, x0], [below - 5, below + 5]) +
    linePath([x1, x1], [below - 5, below + 5]) +
    linePath([beside - 5, beside + 5], [y0, y0]) +
    linePath([beside - 5, beside + 5], [y1, y1])
  return [
    path(linePath([x0, x1], [below, below]) + linePath([beside, beside], [y0, y1]) + ends, line),
    text((x0 + x1) / 2, below + 16, formatQuantity(view.high[0] - view.low[0], 'm', 3), {
      anchor: 'middle',
      fill: MUTED,
    }),
    text(beside - 8, (y0 + y1) / 2, formatQuantity(view.high[1] - view.low[1], 'm', 3), {
      anchor: 'middle',
      rotate: -90,
      fill: MUTED,
    }),
  ].join('')
}

const facetEntries = (geometry: Geometry): LegendEntry[] =>
  geometry.facets.map(({ name }, i) => ({ label: name, colour: FACETS[i % FACETS.length], mark: 'line' as const }))

/** The mesh with the zone of interest, the interface, named edges and the probes. */
export const geometryFigure = (geometry: Geometry): string => {
  const inner = WIDTH - 2 * PAD
  const height = Math.min(heightAt(geometry.points, inner), 640)
  const view = meshView(geometry.points, geometry.cells, { x: PAD, y: 12, width: inner, height })
  const key = legend(
    [
      { label: 'zone of interest', colour: ZONE, mark: 'band', opacity: 0.45 },
      { label: 'interface', colour: INTERFACE, mark: 'line' },
      ...facetEntries(geometry),
      { label: 'probe', colour: PROBE, mark: 'dot' },
    ],
    PAD,
    height + 62,
    inner,
  )
  return figureSvg(
    WIDTH,
    height + 66 + key.height,
    `Mesh of ${geometry.cells.length} cells with the zone of interest, interface, loaded and clamped edges and probes`,
    path(zonePath(view, geometry.zoneCells), { fill: ZONE, 'fill-opacity': 0.45 }),
    meshLines(view),
    path(pairsPath(view, outline(view)), { stroke: INK, 'stroke-width': 1 }),
    path(pairsPath(view, interfacePairs(view, geometry.zoneCells, geometry.interfaceNodes)), {
      stroke: INTERFACE,
      'stroke-width': 2.4,
      'stroke-linecap': 'round',
    }),
    ...geometry.facets.map(({ pairs }, i) =>
      path(pairsPath(view, pairs), { stroke: FACETS[i % FACETS.length], 'stroke-width': 5, 'stroke-linecap': 'round' }),
    ),
    ...geometry.probes
      .filter(({ point }) => point.every(Number.isFinite))
      .map(({ name, point }) => probe(view, name, point)),
    dimensions(view),
    key.svg,
  )
}
