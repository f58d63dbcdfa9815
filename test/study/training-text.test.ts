import { expect, it } from 'vitest'
import { trainingText } from '../../src/study/training-text.ts'

const judged = { iteration: 250, criticGap: 0.5, heldOutGap: 0.25, validationDistance: 0.03125 }
const GAPS = "validation distance 0.0313, critic's gap 0.500 on training and 0.250 on validation runs"

it('tells losses, gaps and distance of an evaluation', () =>
  expect(trainingText({ ...judged, generatorLoss: 0.75, criticLoss: -0.375 })).toBe(
    `${GAPS}, loss 0.750 of the generator and -0.375 of the critic`,
  ))

it('tells what there is of one that an earlier version made', () => expect(trainingText(judged)).toBe(GAPS))
