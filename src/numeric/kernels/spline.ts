/**
 * Elimination factors of the spline's tridiagonal matrix (rows 1, 4, 1 and a last row 1, 2): they depend on the number of
 * frames only. [frames]
 */
export const splineFactors = (frames: number): Float64Array => {
  const factors = new Float64Array(frames)
  factors[1] = 1 / 4
  for (let k = 2; k < frames - 2; k++) factors[k] = 1 / (4 - factors[k - 1])
  factors[frames - 2] = 1 / (2 - factors[frames - 3])
  return factors
}

/**
 * Slopes (per frame) of the C² cubic spline through equally spaced frames, for many series at once: zero slope at frame 0 (a
 * history that starts at rest), not-a-knot at the end. m_{k−1} + 4m_k + m_{k+1} = 3(y_{k+1} − y_{k−1}).
 * @param slopes [frames·width], overwritten
 * @param values [frames·width]; needs four frames or more
 * @source de Boor, A Practical Guide to Splines, ch. IV
 * @verifiedBy test/submodel/spline.test.ts
 */
export const splineSlopesInto = (
  slopes: Float64Array,
  values: Float64Array,
  factors: Float64Array,
  frames: number,
  width: number,
): void => {
  slopes.fill(0, 0, width)
  for (let k = 1; k < frames - 2; k++) {
    const f = factors[k]
    const at = k * width
    for (let i = at; i < at + width; i++)
      slopes[i] = f * (3 * (values[i + width] - values[i - width]) - slopes[i - width])
  }
  const f = factors[frames - 2]
  const at = (frames - 2) * width
  for (let i = at; i < at + width; i++) {
    const last = values[i + width] - values[i]
    const before = values[i] - values[i - width]
    slopes[i] = f * ((5 * before + last) / 2 - slopes[i - width])
  }
  for (let k = frames - 3; k > 0; k--) {
    const g = factors[k]
    const from = k * width
    for (let i = from; i < from + width; i++) slopes[i] -= g * slopes[i + width]
  }
  for (let i = at; i < at + width; i++) {
    const last = values[i + width] - values[i]
    const before = values[i] - values[i - width]
    slopes[i + width] = slopes[i - width] + 2 * (last - before)
  }
}
