/**
 * Matrix-free element products, samples interleaved: out[dof·B + lane] += s_e · (K_e u_e)[dof, lane].
 *
 * A stiffness gives no force under a translation, so that only differences to the element's first node are
 * needed: f_a = Σ_{b>0} K_ab (u_b − u_0) for a > 0, and f_0 = −Σ_{a>0} f_a. That turns 6×6 into 4×4 (triangle), 8×8 into 6×6
 * (quadrilateral), and makes the force of a translation exactly zero.
 */
export interface ElementForce {
  /** Dofs of the element, first node excluded: the order of the reduced matrix. */
  readonly order: number
  /**
   * @param out [D·B] force, accumulated
   * @param u [D·B] state
   * @param offsets [cells·nodes] first dof of each node times B
   * @param stiffness [cells·order(order+1)/2] upper triangles of the reduced matrices, row by row
   * @param factor s: [cells·B] with stride B; [B] with stride 0 where all cells share it
   */
  (
    out: Float64Array,
    u: Float64Array,
    offsets: Int32Array,
    stiffness: Float64Array,
    factor: Float64Array,
    stride: number,
    cells: number,
    B: number,
  ): void
}

type Kernel = (...parameters: Parameters<ElementForce>) => void
const kernel = (order: number, run: Kernel): ElementForce => Object.assign(run, { order })

/** Three nodes, one component: 2×2. */
export const triangleScalar: ElementForce = kernel(2, (out, u, offsets, stiffness, factor, stride, cells, B) => {
  for (let e = 0; e < cells; e++) {
    const i0 = offsets[3 * e]
    const i1 = offsets[3 * e + 1]
    const i2 = offsets[3 * e + 2]
    const k11 = stiffness[3 * e]
    const k12 = stiffness[3 * e + 1]
    const k22 = stiffness[3 * e + 2]
    const s = e * stride
    for (let l = 0; l < B; l++) {
      const u0 = u[i0 + l]
      const d1 = u[i1 + l] - u0
      const d2 = u[i2 + l] - u0
      const scale = factor[s + l]
      const f1 = scale * (k11 * d1 + k12 * d2)
      const f2 = scale * (k12 * d1 + k22 * d2)
      out[i1 + l] += f1
      out[i2 + l] += f2
      out[i0 + l] -= f1 + f2
    }
  }
})

/** Four nodes, one component: 3×3. */
export const quadrilateralScalar: ElementForce = kernel(3, (out, u, offsets, stiffness, factor, stride, cells, B) => {
  for (let e = 0; e < cells; e++) {
    const i0 = offsets[4 * e]
    const i1 = offsets[4 * e + 1]
    const i2 = offsets[4 * e + 2]
    const i3 = offsets[4 * e + 3]
    const k = 6 * e
    const k11 = stiffness[k]
    const k12 = stiffness[k + 1]
    const k13 = stiffness[k + 2]
    const k22 = stiffness[k + 3]
    const k23 = stiffness[k + 4]
    const k33 = stiffness[k + 5]
    const s = e * stride
    for (let l = 0; l < B; l++) {
      const u0 = u[i0 + l]
      const d1 = u[i1 + l] - u0
      const d2 = u[i2 + l] - u0
      const d3 = u[i3 + l] - u0
      const scale = factor[s + l]
      const f1 = scale * (k11 * d1 + k12 * d2 + k13 * d3)
      const f2 = scale * (k12 * d1 + k22 * d2 + k23 * d3)
      const f3 = scale * (k13 * d1 + k23 * d2 + k33 * d3)
      out[i1 + l] += f1
      out[i2 + l] += f2
      out[i3 + l] += f3
      out[i0 + l] -= f1 + f2 + f3
    }
  }
})

/** Three nodes, two components: 4×4. */
export const triangleElastic: ElementForce = kernel(4, (out, u, offsets, stiffness, factor, stride, cells, B) => {
  for (let e = 0; e < cells; e++) {
    const i0 = offsets[3 * e]
    const i1 = offsets[3 * e + 1]
    const i2 = offsets[3 * e + 2]
    const k = 10 * e
    const k11 = stiffness[k]
    const k12 = stiffness[k + 1]
    const k13 = stiffness[k + 2]
    const k14 = stiffness[k + 3]
    const k22 = stiffness[k + 4]
    const k23 = stiffness[k + 5]
    const k24 = stiffness[k + 6]
    const k33 = stiffness[k + 7]
    const k34 = stiffness[k + 8]
    const k44 = stiffness[k + 9]
    const s = e * stride
    for (let l = 0; l < B; l++) {
      const x0 = u[i0 + l]
      const y0 = u[i0 + B + l]
      const x1 = u[i1 + l] - x0
      const y1 = u[i1 + B + l] - y0
      const x2 = u[i2 + l] - x0
      const y2 = u[i2 + B + l] - y0
      const scale = factor[s + l]
      const fx1 = scale * (k11 * x1 + k12 * y1 + k13 * x2 + k14 * y2)
      const fy1 = scale * (k12 * x1 + k22 * y1 + k23 * x2 + k24 * y2)
      const fx2 = scale * (k13 * x1 + k23 * y1 + k33 * x2 + k34 * y2)
      const fy2 = scale * (k14 * x1 + k24 * y1 + k34 * x2 + k44 * y2)
      out[i1 + l] += fx1
      out[i1 + B + l] += fy1
      out[i2 + l] += fx2
      out[i2 + B + l] += fy2
      out[i0 + l] -= fx1 + fx2
      out[i0 + B + l] -= fy1 + fy2
    }
  }
})

/** Four nodes, two components: 6×6. */
export const quadrilateralElastic: ElementForce = kernel(6, (out, u, offsets, stiffness, factor, stride, cells, B) => {
  for (let e = 0; e < cells; e++) {
    const i0 = offsets[4 * e]
    const i1 = offsets[4 * e + 1]
    const i2 = offsets[4 * e + 2]
    const i3 = offsets[4 * e + 3]
    const k = 21 * e
    const k11 = stiffness[k]
    const k12 = stiffness[k + 1]
    const k13 = stiffness[k + 2]
    const k14 = stiffness[k + 3]
    const k15 = stiffness[k + 4]
    const k16 = stiffness[k + 5]
    const k22 = stiffness[k + 6]
    const k23 = stiffness[k + 7]
    const k24 = stiffness[k + 8]
    const k25 = stiffness[k + 9]
    const k26 = stiffness[k + 10]
    const k33 = stiffness[k + 11]
    const k34 = stiffness[k + 12]
    const k35 = stiffness[k + 13]
    const k36 = stiffness[k + 14]
    const k44 = stiffness[k + 15]
    const k45 = stiffness[k + 16]
    const k46 = stiffness[k + 17]
    const k55 = stiffness[k + 18]
    const k56 = stiffness[k + 19]
    const k66 = stiffness[k + 20]
    const s = e * stride
    for (let l = 0; l < B; l++) {
      const x0 = u[i0 + l]
      const y0 = u[i0 + B + l]
      const x1 = u[i1 + l] - x0
      const y1 = u[i1 + B + l] - y0
      const x2 = u[i2 + l] - x0
      const y2 = u[i2 + B + l] - y0
      const x3 = u[i3 + l] - x0
      const y3 = u[i3 + B + l] - y0
      const scale = factor[s + l]
      const fx1 = scale * (k11 * x1 + k12 * y1 + k13 * x2 + k14 * y2 + k15 * x3 + k16 * y3)
      const fy1 = scale * (k12 * x1 + k22 * y1 + k23 * x2 + k24 * y2 + k25 * x3 + k26 * y3)
      const fx2 = scale * (k13 * x1 + k23 * y1 + k33 * x2 + k34 * y2 + k35 * x3 + k36 * y3)
      const fy2 = scale * (k14 * x1 + k24 * y1 + k34 * x2 + k44 * y2 + k45 * x3 + k46 * y3)
      const fx3 = scale * (k15 * x1 + k25 * y1 + k35 * x2 + k45 * y2 + k55 * x3 + k56 * y3)
      const fy3 = scale * (k16 * x1 + k26 * y1 + k36 * x2 + k46 * y2 + k56 * x3 + k66 * y3)
      out[i1 + l] += fx1
      out[i1 + B + l] += fy1
      out[i2 + l] += fx2
      out[i2 + B + l] += fy2
      out[i3 + l] += fx3
      out[i3 + B + l] += fy3
      out[i0 + l] -= fx1 + fx2 + fx3
      out[i0 + B + l] -= fy1 + fy2 + fy3
    }
  }
})
