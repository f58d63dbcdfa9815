import { MARGIN } from '../src/report/axes.ts'
import { type LegendEntry, legend } from '../src/report/legend.ts'
import { figureSvg } from '../src/report/svg.ts'

/** Panels that end at `bottom`, and under them what their marks mean. */
export const figureWithKey = (
  width: number,
  bottom: number,
  about: string,
  entries: readonly LegendEntry[],
  panels: readonly string[],
): string => {
  const key = legend(entries, MARGIN.left, bottom + 4, width - 80)
  return figureSvg(width, bottom + 8 + key.height, about, ...panels, key.svg)
}
