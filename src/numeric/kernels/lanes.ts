/**
 * Samples advanced together: value [dof·LANES + lane]. Eight doubles are one cache line, and a 10,000-dof state of
 * eight samples stays in a 1 MiB second-level cache.
 */
export const LANES = 8
