import type { Study } from './schema.ts'
import { referenceAmplitude } from './study.ts'

/**
 * The same runs with the pulse at t = 0 and of the reference amplitude: hidden fields, positions and widths of every split stay to the
 * bit, since each sample draws four numbers in one order whatever the laws are. Held-out runs, which have amplitudes and arrivals of
 * their own, are so made comparable with what trace models make.
 * @verifiedBy test/study/canonical-load.test.ts
 */
export const withCanonicalLoad = (study: Study): Study => ({
  ...study,
  load: {
    ...study.load,
    amplitude: { law: 'constant', value: referenceAmplitude(study.load.amplitude) },
    arrival: { law: 'constant', value: 0 },
  },
})
