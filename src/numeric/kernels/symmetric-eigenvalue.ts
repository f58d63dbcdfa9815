/** One Jacobi rotation that zeroes a_pq of the symmetric n×n matrix `a`. */
const rotate = (a: Float64Array, n: number, p: number, q: number): void => {
  const apq = a[p * n + q]
  if (apq === 0) return
  const theta = (a[q * n + q] - a[p * n + p]) / (2 * apq)
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1))
  const c = 1 / Math.hypot(t, 1)
  const s = t * c
  for (let k = 0; k < n; k++) {
    const akp = a[k * n + p]
    const akq = a[k * n + q]
    a[k * n + p] = c * akp - s * akq
    a[k * n + q] = s * akp + c * akq
  }
  for (let k = 0; k < n; k++) {
    const apk = a[p * n + k]
    const aqk = a[q * n + k]
    a[p * n + k] = c * apk - s * aqk
    a[q * n + k] = s * apk + c * aqk
  }
}

const offDiagonal = (a: Float64Array, n: number): number => {
  let sum = 0
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) sum += a[i * n + j] ** 2
  return sum
}

/**
 * Largest eigenvalue of a small symmetric matrix by cyclic Jacobi rotations; `a` [n·n] is overwritten.
 * @source Golub, Van Loan, Matrix Computations, §8.5
 * @verifiedBy test/verification/stable-step.test.ts (through the stable step)
 */
export const largestEigenvalue = (a: Float64Array, n: number): number => {
  let scale = 0
  for (let i = 0; i < n * n; i++) scale += a[i] ** 2
  for (let sweep = 0; sweep < 30 && offDiagonal(a, n) > 1e-28 * scale; sweep++) {
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, n, p, q)
  }
  let largest = Number.NEGATIVE_INFINITY
  for (let i = 0; i < n; i++) largest = Math.max(largest, a[i * n + i])
  return largest
}
