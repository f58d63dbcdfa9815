import { normalCdf } from '../numeric/normal.ts'

/** The category number of a sample is the last of its d = r + 1 latent normals: u = Φ(latent[r]) is uniform. */
export const categoryUniform = (latent: Float64Array, sample: number, modes: number): number =>
  normalCdf(latent[sample * (modes + 1) + modes])

/** 0 … count−1, equally likely. */
export const uniformIndex = (u: number, count: number): number => Math.min(count - 1, Math.floor(u * count))

/** The leading r normals of each sample: [n, r] out of [n, r + 1]. */
export const leadingNormals = (latent: Float64Array, n: number, modes: number): Float64Array => {
  const out = new Float64Array(n * modes)
  for (let i = 0; i < n; i++) out.set(latent.subarray(i * (modes + 1), i * (modes + 1) + modes), i * modes)
  return out
}

/** The last latent normal of each sample: [n] out of [n, r + 1]. Where no category is drawn from it, the loudness of the tail. */
export const lastNormals = (latent: Float64Array, n: number, modes: number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => latent[i * (modes + 1) + modes])
