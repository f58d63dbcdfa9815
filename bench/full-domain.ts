import { fullDomainOf } from '../src/study/domain.ts'
import { factorsOf, pulseOf } from '../src/study/full-domain-task.ts'
import { loadSampler } from '../src/study/law.ts'
import { centralDifference } from '../src/time/central-difference.ts'
import { motionState } from '../src/time/integrator.ts'
import { prepareEdgePulse } from '../src/wave/edge-pulse.ts'
import type { Bench } from './bench.ts'
import { medianSeconds, mustAgree } from './bench.ts'
import { assembleCsr, csrStepper } from './csr.ts'
import { plate } from './plate.ts'

const REPEATS = 5

/** Both march the same samples from rest to the end of the study's time, under the same pulses; only the product differs. */
const prepare = async () => {
  const { study, domain } = await plate()
  const full = fullDomainOf(domain)
  const { system, lanes } = full
  const { step, steps } = full.time
  const { dofs } = system.space
  const factor = factorsOf({ study, domain, full }, 'train', 0, lanes)!
  const sample = loadSampler(study, 'train')
  const pulses = Array.from({ length: lanes }, (_, l) => pulseOf(study, 'train', sample(l)))

  const load = prepareEdgePulse(system.space, domain.spec.load, step, lanes)
  load.setPulses(pulses, () => true)
  system.operator.setFactor(factor)
  const stepper = centralDifference.prepare(system.motion, step)
  const state = motionState(dofs, lanes)
  const interleaved = (): void => {
    stepper.start(state)
    for (let n = 0; n < steps; n++) stepper.step(state, n, load.addInto)
  }

  const single = prepareEdgePulse(system.space, domain.spec.load, step, 1)
  single.setPulses(pulses.slice(0, 1), () => true)
  const csr = assembleCsr(system, (cell) => factor[cell * lanes])
  const advance = csrStepper(csr, system.motion, step)
  const one = motionState(dofs, 1)
  const compressedRows = (): void => {
    one.u.fill(0)
    one.previous.fill(0)
    for (let n = 0; n < steps; n++) {
      single.addInto(one.force, n)
      advance(one.previous, one.u, one.force)
      ;[one.u, one.previous] = [one.previous, one.u]
    }
  }
  const firstLane = (): Float64Array => one.u.map((_, d) => state.u[d * lanes])
  return {
    interleaved,
    compressedRows,
    firstLane,
    reference: () => one.u,
    dofs,
    steps,
    lanes,
    entries: csr.value.length,
  }
}

export const bench: Bench = {
  about: 'the interleaved matrix-free time loop, a modulus per sample, against a one-sample CSR loop',
  run: async () => {
    const { interleaved, compressedRows, firstLane, reference, dofs, steps, lanes, entries } = await prepare()
    const seconds = await medianSeconds({ interleaved, compressedRows }, REPEATS)
    const agreement = mustAgree('last states of sample 0', firstLane(), reference(), 1e-10)
    const ours = (dofs * steps * lanes) / seconds.interleaved / 1e6
    const theirs = (dofs * steps) / seconds.compressedRows / 1e6
    return {
      figures: [
        { key: 'interleaved', value: ours, unit: `million dof-steps/s (${lanes} samples at once)` },
        { key: 'csr', value: theirs, unit: `million dof-steps/s (${entries} entries)` },
        { key: 'ratio', value: ours / theirs, unit: 'times faster per sample' },
      ],
      notes: [`${dofs} dofs, ${steps} steps; ${agreement}`],
    }
  },
}
