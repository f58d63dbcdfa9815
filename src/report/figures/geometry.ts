import { formatQuantity } from '../format.ts'
import { placedLabels } from '../label-places.ts'
import { type LegendEntry, legend } from '../legend.ts'
import { allEdges, cellPath, heightAt, type MeshView, meshView, outline, pairsPath } from '../mesh-view.ts'
import type { Geometry } from '../report-data.ts'
import { element, figureSvg, fitted, INK, linePath, MUTED, path, text } from '../svg.ts'

const WIDTH = 860
const LEFT = 44
const TOP = 12
/** The mesh stands left of its key. */
const MESH_WIDTH = 520
const KEY_LEFT = 590
const KEY_WIDTH = WIDTH - KEY_LEFT
const KEY_ROW = 19
const ZONE = '#56b4e9'
const INTERFACE = '#0072b2'
const FACETS = ['#d55e00', '#1c2733', '#009e73', '#cc79a7']
const PROBE = '#e69f00'
const PROBE_RADIUS = 4
/** Beyond this the mesh lines would be a grey blur and most of the file. */
const MOST_MESH_LINES = 40_000

const zonePath = (view: MeshView, zone: ArrayLike<number>): string =>
  Array.from(zone, (c) => cellPath(view, view.cells[c])).join('')

const meshLines = (view: MeshView): string => {
  const pairs = view.cells.length > MOST_MESH_LINES ? outline(view) : allEdges(view)
  return path(pairsPath(view, pairs), { stroke: '#7b8794', 'stroke-width': 0.35 })
}

/** The zone's edges with both ends on the interface. */
const interfacePairs = (view: MeshView, zone: ArrayLike<number>, nodes: ArrayLike<number>): number[] => {
  const on = new Set(Array.from(nodes))
  const pairs = outline(view, Array.from(zone))
  return pairs.filter((_, i) => on.has(pairs[i - (i % 2)]) && on.has(pairs[i - (i % 2) + 1]))
}

/** A place where something is watched; one letter for all that is watched there. */
interface Station {
  readonly letter: string
  readonly point: readonly [number, number]
  readonly names: readonly string[]
}

/** A, B, …, Z, A2, … */
const letterOf = (i: number): string => `${String.fromCharCode(65 + (i % 26))}${i < 26 ? '' : Math.floor(i / 26) + 1}`

const stationsOf = (probes: Geometry['probes']): readonly Station[] => {
  const places = new Map<string, { point: readonly [number, number]; names: string[] }>()
  for (const { name, point } of probes.filter((p) => p.point.every(Number.isFinite))) {
    const place = places.get(point.join()) ?? { point, names: [] }
    place.names.push(name)
    places.set(point.join(), place)
  }
  return [...places.values()].map((place, i) => ({ letter: letterOf(i), ...place }))
}

const stationMarks = (view: MeshView, stations: readonly Station[]): string => {
  const placed = stations.map(({ letter, point }) => ({ x: view.x(point[0]), y: view.y(point[1]), label: letter }))
  const box = { x: 0, y: 0, width: WIDTH, height: view.y(view.low[1]) }
  const dots = placed.map(({ x, y }) =>
    element('circle', { cx: x, cy: y, r: PROBE_RADIUS, fill: PROBE, stroke: INK, 'stroke-width': 1.1 }),
  )
  return dots.join('') + placedLabels(placed, box, 13, PROBE_RADIUS)
}

/** What the letters stand for, a line per name. */
const stationKey = (stations: readonly Station[], top: number): { readonly svg: string; readonly height: number } => {
  const lines = stations.flatMap(({ letter, names }) =>
    names.map((name, i) => ({ letter: i === 0 ? letter : '', name })),
  )
  const svg = lines.map(
    ({ letter, name }, i) =>
      text(KEY_LEFT, top + i * KEY_ROW, letter, { weight: 700 }) +
      text(KEY_LEFT + 22, top + i * KEY_ROW, fitted(name, KEY_WIDTH - 22, 11), { size: 11 }),
  )
  return { svg: svg.join(''), height: lines.length * KEY_ROW }
}

/** The domain's width and height as dimension lines. */
const dimensions = (view: MeshView): string => {
  const [x0, x1] = [view.x(view.low[0]), view.x(view.high[0])]
  const [y0, y1] = [view.y(view.low[1]), view.y(view.high[1])]
  const below = y0 + 16
  const beside = x0 - 18
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

const entriesOf = (geometry: Geometry): readonly LegendEntry[] => [
  { label: 'zone of interest', colour: ZONE, mark: 'band', opacity: 0.45 },
  { label: 'interface', colour: INTERFACE, mark: 'line' },
  ...geometry.facets.map(({ name }, i) => ({
    label: name,
    colour: FACETS[i % FACETS.length],
    mark: 'line' as const,
  })),
  { label: 'probes', colour: PROBE, mark: 'dot' },
]

/** The mesh with the zone of interest, the interface, named edges and the probes, its key beside it. */
export const geometryFigure = (geometry: Geometry): string => {
  const height = Math.min(heightAt(geometry.points, MESH_WIDTH), 560)
  const view = meshView(geometry.points, geometry.cells, { x: LEFT, y: TOP, width: MESH_WIDTH, height })
  const key = legend(entriesOf(geometry), KEY_LEFT - 8, TOP, KEY_WIDTH)
  const stations = stationsOf(geometry.probes)
  const names = stationKey(stations, TOP + key.height + 28)
  return figureSvg(
    WIDTH,
    Math.max(TOP + height + 40, TOP + key.height + 28 + names.height),
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
    stationMarks(view, stations),
    dimensions(view),
    key.svg,
    names.svg,
  )
}
