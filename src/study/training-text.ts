import type { TrainingRecord } from '../generative/gan/checkpoint.ts'

const lossesText = ({ generatorLoss, criticLoss }: TrainingRecord): string =>
  generatorLoss === undefined || criticLoss === undefined
    ? ''
    : `, loss ${generatorLoss.toFixed(3)} of the generator and ${criticLoss.toFixed(3)} of the critic`

/**
 * The last evaluation of a training in words, without losses where an earlier version made it. A held-out gap that falls behind the
 * training gap tells that the critic learns the runs by heart.
 * @verifiedBy test/study/training-text.test.ts
 */
export const trainingText = (record: TrainingRecord): string => {
  const { validationDistance, criticGap, heldOutGap } = record
  const gaps = `critic's gap ${criticGap.toFixed(3)} on training and ${heldOutGap.toFixed(3)} on validation runs`
  return `validation distance ${validationDistance.toFixed(4)}, ${gaps}${lossesText(record)}`
}
