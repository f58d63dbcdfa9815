/** What is to be small: two numbers that are weighed against each other. */
export interface Judged {
  readonly flopsPerSample: number
  readonly distance: number
}

/** Those that no other beats in both numbers, cheapest first; of equals the first. */
export const paretoFront = <T extends Judged>(judged: readonly T[]): readonly T[] => {
  const ordered = [...judged].sort((a, b) => a.flopsPerSample - b.flopsPerSample || a.distance - b.distance)
  let best = Number.POSITIVE_INFINITY
  return ordered.filter(({ distance }) => {
    const better = distance < best
    if (better) best = distance
    return better
  })
}

/** A space to search: points with names and neighbours. */
export interface SearchSpace<P> {
  readonly start: readonly P[]
  readonly name: (point: P) => string
  readonly neighbours: (point: P) => readonly P[]
}

/** The first of each name that is not in `known`, at most `most` of them. */
const fresh = <P>(points: readonly P[], { name }: SearchSpace<P>, known: ReadonlySet<string>, most: number): P[] => {
  const found = new Map<string, P>()
  for (const point of points) {
    if (found.size >= most) break
    if (!known.has(name(point)) && !found.has(name(point))) found.set(name(point), point)
  }
  return [...found.values()]
}

/**
 * Pareto local search: judges the neighbours of everything on the front until they bring nothing new or the limit is
 * reached. Deterministic; it may miss what only several simultaneous changes reach.
 * @param judge gives one result per point, in order
 * @returns all that was judged
 * @source Paquete, Chiarandini, Stützle, "Pareto local optimum sets in the biobjective traveling salesman problem", 2004
 * @verifiedBy test/generative/mix-n-match.test.ts
 */
export const paretoSearch = async <P, T extends Judged & { readonly point: P }>(
  space: SearchSpace<P>,
  judge: (points: readonly P[]) => Promise<readonly T[]>,
  limit: number,
): Promise<readonly T[]> => {
  const judged: T[] = []
  const known = new Set<string>()
  let pending = fresh(space.start, space, known, limit)
  while (pending.length > 0) {
    judged.push(...(await judge(pending)))
    for (const point of pending) known.add(space.name(point))
    const around = paretoFront(judged).flatMap(({ point }) => space.neighbours(point))
    pending = fresh(around, space, known, limit - judged.length)
  }
  return judged
}
