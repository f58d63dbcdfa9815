import { centralDifference } from './central-difference.ts'
import type { Integrator } from './integrator.ts'

/** Every integrator there is: the verification tests walk this list. */
export const INTEGRATORS: readonly Integrator[] = [centralDifference]
