/**
 * NESTWAVE_BENCH=brief: small networks, and one turn of each contestant. They still have to agree, and every figure is there; none of
 * them means anything.
 */
export const BRIEF = process.env['NESTWAVE_BENCH'] === 'brief'

/** How often each contestant gets its turn. */
export const turnsOf = (usual: number): number => (BRIEF ? 1 : usual)
