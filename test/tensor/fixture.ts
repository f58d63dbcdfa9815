import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface PenaltyCase {
  readonly shapes: Readonly<Record<string, readonly number[]>>
  readonly inputs: Readonly<Record<string, readonly number[]>>
  readonly critic: readonly number[]
  readonly inputGradient: readonly number[]
  readonly penalty: number
  readonly penaltyGradient: Readonly<Record<string, readonly number[]>>
}
export interface AdamCase {
  readonly beta1: number
  readonly beta2: number
  readonly learningRate: number
  readonly epsilon: number
  readonly start: readonly number[]
  /** [steps][n] */
  readonly gradients: readonly (readonly number[])[]
  readonly parameters: readonly (readonly number[])[]
}
export interface Fixture {
  readonly program: string
  readonly version: string
  readonly scriptSha256: string
  readonly mlp: PenaltyCase
  readonly attention: PenaltyCase
  readonly adam: readonly AdamCase[]
}

export const FIXTURE_FOLDER = join(import.meta.dirname, '../fixtures/gradient-penalty')
export const readFixture = (path = join(FIXTURE_FOLDER, 'gradient-penalty.json')): Fixture =>
  JSON.parse(readFileSync(path, 'utf8')) as Fixture
