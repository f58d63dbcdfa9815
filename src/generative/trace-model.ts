/**
 * A random model of boundary histories in reduced coordinates: a = sample(θ, latent), deterministic given both.
 * Every model reads the same latent, which makes models and granularities correlated fidelities of one another.
 */
export interface TraceModel {
  /** 'pca-gauss' | 'scale-gauss' | 'residual-bootstrap' | 'local-bootstrap' | 'trace-replay' | 'gaussian-mixture' | 'gan' | … */
  readonly name: string
  /** One line for the report: what it assumes. */
  readonly description: string
  /** Length r of the coefficient vector. */
  readonly modes: number
  /** Floating-point operations of one sample, decode excluded. */
  readonly flopsPerSample: number
  /**
   * @param conditions [n·p] θ scaled to [-1, 1] over the training range
   * @param latent [n·d] independent N(0,1); see `latentDimension(modes)`
   * @returns [n·r] POD coefficients (m·√…: the units of the reduction)
   */
  sample(conditions: Float64Array, latent: Float64Array, n: number): Promise<Float64Array>
}

/** One latent law for all: r normals (the leading ones are the GAN's z, the rest the Gaussian tail) + 1 category/bootstrap. */
export const latentDimension = (modes: number): number => modes + 1
