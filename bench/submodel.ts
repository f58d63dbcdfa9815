import { dofsOf } from '../src/fem/function-space.ts'
import { type Domain, zoneMedium } from '../src/study/domain.ts'
import { submodelOf, traceGridOf } from '../src/study/submodel-task.ts'
import { type Drive, splineDrive } from '../src/submodel/drive.ts'
import { runSubmodel } from '../src/submodel/submodel.ts'
import { centralDifference } from '../src/time/central-difference.ts'
import { motionState } from '../src/time/integrator.ts'
import { decodeInto } from '../src/trace/codec.ts'
import { traceSize } from '../src/trace/trace.ts'
import { type Observer, prepareObserver } from '../src/wave/observer.ts'
import type { Bench, Figure } from './bench.ts'
import { medianSeconds, mustAgree } from './bench.ts'
import { assembleCsr, csrStepper } from './csr.ts'
import { coefficientsOf, MODES, plate, waveReduction } from './plate.ts'

const REPEATS = 9

/** What both contestants are made of. */
const setting = (domain: Domain) => {
  const submodel = submodelOf(domain)
  const { space } = submodel.system
  const { step, steps } = domain.spec.time
  const { quantities } = domain.spec
  const grid = traceGridOf(domain)
  const spec = { space, medium: zoneMedium(domain), quantities, step, steps }
  const dofs = dofsOf(space, domain.zone.interfaceNodes)
  const { frames, frameStep } = grid
  return {
    submodel,
    steps,
    step,
    size: traceSize(grid),
    reduction: waveReduction(grid),
    coefficients: coefficientsOf(submodel.lanes),
    driveOf: (lanes: number): Drive => splineDrive({ dofs, lanes, frames, frameStep, step }),
    observerOf: (lanes: number): Observer => prepareObserver({ ...spec, lanes }),
    quantities: quantities.length,
  }
}
type Setting = ReturnType<typeof setting>

/** The run whole, and each of its four parts by itself. */
const interleaved = ({ submodel, steps, step, size, reduction, coefficients, ...of }: Setting) => {
  const { lanes, system } = submodel
  const traces = new Float64Array(lanes * size)
  const results = new Float64Array(lanes * of.quantities)
  const [drive, observer] = [of.driveOf(lanes), of.observerOf(lanes)]
  const stepper = centralDifference.prepare(system.motion, step)
  const state = motionState(system.space.dofs, lanes)
  const decode = (): void => decodeInto(traces, reduction, coefficients, lanes, MODES, MODES)
  const whole = (): void => {
    decode()
    results.set(runSubmodel(submodel, { count: lanes, traces }).quantities)
  }
  const impose = (): void => {
    drive.load({ count: lanes, traces })
    for (let n = 0; n <= steps; n++) drive.imposeInto(state.u, n)
  }
  const march = (): void => {
    stepper.start(state)
    drive.imposeInto(state.u, steps)
    for (let n = 0; n < steps; n++) stepper.step(state, n)
  }
  const unread = new Float64Array(results.length)
  const observe = (): void => {
    observer.reset(null)
    for (let n = 0; n <= steps; n++) observer.observe(state.u, n)
    observer.resultsInto(unread, lanes)
  }
  return { cases: { whole, decode, impose, march, observe }, results }
}

/** The same run of sample 0 alone on a CSR matrix, whole and its time steps by themselves. */
const sampleBySample = ({ submodel, steps, step, size, reduction, coefficients, ...of }: Setting) => {
  const { system } = submodel
  const advance = csrStepper(
    assembleCsr(system, () => 1),
    system.motion,
    step,
  )
  const traces = new Float64Array(size)
  const results = new Float64Array(of.quantities)
  const [drive, observer] = [of.driveOf(1), of.observerOf(1)]
  const state = motionState(system.space.dofs, 1)
  const start = (): void => {
    state.u.fill(0)
    state.previous.fill(0)
  }
  const next = (): void => {
    advance(state.previous, state.u, state.force)
    ;[state.u, state.previous] = [state.previous, state.u]
  }
  const csrWhole = (): void => {
    decodeInto(traces, reduction, coefficients, 1, MODES, MODES)
    drive.load({ count: 1, traces })
    observer.reset(null)
    start()
    for (let n = 0; ; n++) {
      drive.imposeInto(state.u, n)
      observer.observe(state.u, n)
      if (n === steps) break
      next()
    }
    observer.resultsInto(results, 1)
  }
  const csrMarch = (): void => {
    start()
    drive.imposeInto(state.u, steps)
    for (let n = 0; n < steps; n++) next()
  }
  return { cases: { csrWhole, csrMarch }, results }
}

/** Each quantity by itself: they are of many sizes. */
const agreement = (found: Float64Array, reference: Float64Array): string => {
  const relative = reference.map((value, q) => found[q] / value)
  return mustAgree('quantities of sample 0', relative, new Float64Array(reference.length).fill(1), 1e-9)
}

export const bench: Bench = {
  about: 'a submodel run and its parts, against the same run sample by sample on a CSR matrix',
  run: async () => {
    const shared = setting((await plate()).domain)
    const { lanes, system } = shared.submodel
    const ours = interleaved(shared)
    const theirs = sampleBySample(shared)
    const seconds = await medianSeconds({ ...ours.cases, ...theirs.cases }, REPEATS)
    const each = (key: string, time: number, samples: number, what: string): Figure => ({
      key,
      value: (1000 * time) / samples,
      unit: `ms per sample, ${what}`,
    })
    return {
      figures: [
        each('whole', seconds.whole, lanes, 'all four'),
        each('decode', seconds.decode, lanes, `${MODES} modes to histories`),
        each('drive', seconds.impose, lanes, 'cubic spline, imposed at every step'),
        each('step', seconds.march, lanes, 'matrix-free product and central difference'),
        each('quantities', seconds.observe, lanes, 'observed at every step'),
        each('csrWhole', seconds.csrWhole, 1, 'all four, one sample at a time'),
        each('csrStep', seconds.csrMarch, 1, 'CSR product and central difference'),
        { key: 'wholeRatio', value: (seconds.csrWhole * lanes) / seconds.whole, unit: 'times faster' },
        { key: 'stepRatio', value: (seconds.csrMarch * lanes) / seconds.march, unit: 'times faster' },
      ],
      notes: [
        `${system.space.dofs} dofs, ${shared.steps} steps, ${lanes} samples at once`,
        agreement(ours.results, theirs.results),
      ],
    }
  },
}
