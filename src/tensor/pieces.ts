import { add, leakyRelu, leakyReluSlope, neg, type Operand, sub, type Tensor } from './graph.ts'

const positivePart = (x: Tensor): Tensor => leakyRelu(x, 0)

/** max(x, low) = low + (x − low)₊; the derivative is that of the branch. */
export const atLeast = (x: Tensor, low: Operand): Tensor => add(positivePart(sub(x, low)), low)
/** min(x, high) = high − (high − x)₊ */
export const atMost = (x: Tensor, high: Operand): Tensor => sub(high, positivePart(sub(high, x)))

/** x where it lies in [low, high], else the nearest end. Bounds broadcast against x. */
export const clamp = (x: Tensor, low: Operand, high: Operand): Tensor => atMost(atLeast(x, low), high)

/** 1 where x > threshold, else 0. A step: its derivative is zero everywhere. */
export const stepAbove = (x: Tensor, threshold: Operand): Tensor => leakyReluSlope(sub(x, threshold), 0)
/** 1 where x ≤ threshold, else 0. */
export const stepBelow = (x: Tensor, threshold: Operand): Tensor => add(neg(stepAbove(x, threshold)), 1)
