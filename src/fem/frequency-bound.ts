import { nodesPerCell } from '../mesh/mesh.ts'
import { largestEigenvalue } from '../numeric/kernels/symmetric-eigenvalue.ts'
import type { FunctionSpace, SpaceBlock } from './function-space.ts'

/** A block with the full stiffness matrices of its cells, [cells·(nodes·c)²]. */
export interface FullBlock {
  readonly block: SpaceBlock
  readonly matrices: Float64Array
  /** [cells·nodes] each element's own lumped mass, kg/m; overwritten by its share. */
  readonly shares: Float64Array
}

const ROUNDS = 12
/** Another round only while the bound falls by more than this share. */
const GAIN = 0.01
/** Damps the exchange: with 1 the shares overshoot. */
const EXPONENT = 0.7

/** λ_max(K_e, W_e), 1/s², of every cell of a block, W_e being its share of the nodal masses; held dofs do not take part. */
const ratesOf = (
  { block, matrices, shares }: FullBlock,
  { firstDof, components }: FunctionSpace,
  held: Uint8Array,
): Float64Array => {
  const rates = new Float64Array(block.cells.length)
  const nodes = nodesPerCell(block.type)
  const n = nodes * components
  const scaled = new Float64Array(n * n)
  const scale = new Float64Array(n)
  for (let e = 0; e < rates.length; e++) {
    for (let i = 0; i < n; i++) {
      const k = e * nodes + Math.trunc(i / components)
      scale[i] = held[firstDof[block.nodes[k]] + (i % components)] === 1 ? 0 : 1 / Math.sqrt(shares[k])
    }
    for (let k = 0; k < n * n; k++) scaled[k] = matrices[e * n * n + k] * scale[Math.trunc(k / n)] * scale[k % n]
    rates[e] = largestEigenvalue(scaled, n)
  }
  return rates
}

/** Sums the shares of every node, [N]. */
const nodalSums = (space: FunctionSpace, blocks: readonly FullBlock[]): Float64Array => {
  const sums = new Float64Array(space.firstDof.length)
  for (const { block, shares } of blocks) for (let k = 0; k < shares.length; k++) sums[block.nodes[k]] += shares[k]
  return sums
}

/** Moves mass from elements with low rates to those with high ones that share a node, keeping every node's mass. */
const exchange = (
  space: FunctionSpace,
  blocks: readonly FullBlock[],
  rates: readonly Float64Array[],
  mass: Float64Array,
): void => {
  // An element with all dofs held has rate 0, and still a share.
  const floor = 1e-6 * highest(rates)
  blocks.forEach(({ block, shares }, b) => {
    const nodes = nodesPerCell(block.type)
    for (let k = 0; k < shares.length; k++) shares[k] *= (rates[b][Math.trunc(k / nodes)] + floor) ** EXPONENT
  })
  const sums = nodalSums(space, blocks)
  for (const { block, shares } of blocks) {
    for (let k = 0; k < shares.length; k++) shares[k] *= mass[block.nodes[k]] / sums[block.nodes[k]]
  }
}

const highest = (rates: readonly Float64Array[]): number =>
  rates.reduce((m, r) => r.reduce((a, v) => Math.max(a, v), m), 0)

/**
 * Element rates λ_e, 1/s², with ω² ≤ max_e λ_e: for every u, uᵀKu = Σ u_eᵀK_e u_e ≤ Σ λ_e u_eᵀW_e u_e ≤ max λ_e · uᵀMu,
 * whichever way the nodal masses are shared out to the elements (Σ W_e = M, W_e > 0). Irons and Treharne give each element its own
 * mass; here hard-pressed elements get more of their nodes' mass over a few rounds, and the best bound is kept: a stable step
 * up to 2x longer on distorted meshes, the same one on uniform meshes. With modulus factors: ω² ≤ max_e s_e λ_e.
 * @param held [D] 1 for dofs whose motion is prescribed: u vanishes there in the eigenproblem
 * @param blocks their shares start as each element's own mass and are overwritten
 * @returns [cells] per block
 * @source Irons, Treharne, "A bound theorem in eigenvalues and its practical applications", 1971
 * @verifiedBy test/verification/stable-step.test.ts
 */
export const elementRates = (
  space: FunctionSpace,
  blocks: readonly FullBlock[],
  held: Uint8Array,
): readonly Float64Array[] => {
  const mass = nodalSums(space, blocks)
  let best = blocks.map((block) => ratesOf(block, space, held))
  let last = best
  for (let round = 0; round < ROUNDS; round++) {
    exchange(space, blocks, last, mass)
    last = blocks.map((block) => ratesOf(block, space, held))
    const gain = 1 - highest(last) / highest(best)
    if (gain > 0) best = last
    if (gain < GAIN) break
  }
  return best
}
