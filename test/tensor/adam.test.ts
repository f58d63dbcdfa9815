import { describe, expect, it } from 'vitest'
import { type AdamState, adamStepInto } from '../../src/tensor/adam.ts'
import { adamMemory } from '../../src/tensor/adam-kernel.ts'
import { readFixture } from './fixture.ts'
import { relativeError } from './numbers.ts'

const stateOf = (parameters: readonly number[]): AdamState => ({
  parameters: Float32Array.from(parameters),
  firstMoment: new Float32Array(parameters.length),
  secondMoment: new Float32Array(parameters.length),
})
const SETTINGS = { learningRate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: 1 }

describe('Adam', () => {
  it.each(readFixture().adam)('follows PyTorch for three steps, β = ($beta1, $beta2)', (c) => {
    const state = stateOf(c.start)
    c.gradients.forEach((gradient, i) => {
      adamStepInto(state, Float32Array.from(gradient), { ...c, step: i + 1 })
      expect(relativeError(state.parameters, c.parameters[i])).toBeLessThan(2e-7)
    })
  })

  it('moves by the learning rate at its first step, whatever the size of the gradient', () => {
    const state = stateOf([1, 1, 1])
    adamStepInto(state, Float32Array.of(1e3, -1e-3, 0), SETTINGS)
    expect(relativeError(state.parameters, [0.9, 1.1, 1])).toBeLessThan(1e-5)
  })

  it('refuses arrays of different lengths and a step of zero', () => {
    expect(() => adamStepInto(stateOf([1, 2]), new Float32Array(3), SETTINGS)).toThrow(
      'adam: expected four arrays of 2',
    )
    expect(() => adamStepInto(stateOf([1]), new Float32Array(1), { ...SETTINGS, step: 0 })).toThrow('adam.step')
  })

  it.each([1, 3, 4, 257])('in vectors has the bits of the plain loop: %i weights', (n) => {
    const wave = (salt: number) => Array.from({ length: n }, (_, i) => Math.sin(salt + 7 * i * i) * 10 ** ((i % 9) - 6))
    const plain = stateOf(wave(1))
    const memory = adamMemory(plain)
    for (let step = 1; step <= 5; step++) {
      memory.gradient.set(wave(step))
      const settings = { ...SETTINGS, beta1: 0.3, step }
      adamStepInto(plain, memory.gradient.slice(), settings)
      memory.step(settings)
      expect(memory.state).toEqual(plain)
    }
    expect(plain.parameters).not.toEqual(stateOf(wave(1)).parameters)
  })

  it('in vectors refuses what the plain loop refuses', () => {
    expect(() => adamMemory({ ...stateOf([1, 2]), firstMoment: new Float32Array(3) })).toThrow('four arrays of 2')
    expect(() => adamMemory(stateOf([1])).step({ ...SETTINGS, step: 1.5 })).toThrow('adam.step')
  })
})
