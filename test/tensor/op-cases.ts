import type { OpKind, Tensor } from '../../src/tensor/graph.ts'
import * as graph from '../../src/tensor/graph.ts'
import { sizeOf } from '../../src/tensor/shape.ts'

/** One use of one primitive with the numbers it must give. */
export interface OpCase {
  readonly title: string
  readonly inputs: Readonly<Record<string, Tensor>>
  readonly feeds: Readonly<Record<string, Float64Array>>
  readonly y: Tensor
  /** By hand or by a formula; the shape too. */
  readonly shape: readonly number[]
  readonly expected: readonly number[]
  /** Zero where the derivative is defined to be zero although the value changes. */
  readonly derivativeIsZero?: boolean
}

type Given = readonly [shape: readonly number[], values: readonly number[]]

const opCase = (
  title: string,
  given: readonly Given[],
  build: (...xs: Tensor[]) => Tensor,
  shape: readonly number[],
  expected: readonly number[],
): OpCase => {
  const inputs = Object.fromEntries(given.map(([s], i) => [`x${i}`, graph.input(`x${i}`, s)]))
  const feeds = Object.fromEntries(given.map(([, v], i) => [`x${i}`, Float64Array.from(v)]))
  for (const [name, x] of Object.entries(inputs))
    if (sizeOf(x.shape) !== feeds[name].length) throw new Error(`${title}: ${name} has a wrong number of values`)
  return { title, inputs, feeds, y: build(...Object.values(inputs)), shape, expected }
}

const SIX: Given = [
  [2, 3],
  [1, -2, 3, -4, 5, -6],
]
const ROW: Given = [[3], [10, 20, 30]]
const COLUMN: Given = [
  [2, 1],
  [2, -4],
]
const POSITIVE: Given = [
  [2, 2],
  [0.5, 1, 2, 4],
]
const CUBE: Given = [
  [2, 2, 3],
  [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
]
const softmaxOf = (row: readonly number[]): number[] => {
  const sum = row.reduce((s, v) => s + Math.exp(v), 0)
  return row.map((v) => Math.exp(v) / sum)
}
const { add, sub, mul, div, concat, slice, matmul, transpose, reshape, broadcastTo, reduceSum, pad } = graph

/** At least one case for every primitive; a kind without one does not compile. */
export const OP_CASES: Readonly<Record<OpKind, readonly [OpCase, ...OpCase[]]>> = {
  input: [opCase('itself', [ROW], (x) => x, [3], [10, 20, 30])],
  constant: [
    opCase('a vector', [ROW], (x) => mul(x, graph.constant([1, 2, 3])), [3], [10, 40, 90]),
    opCase('a filled shape', [ROW], (x) => add(x, graph.constant(5, [2, 3])), [2, 3], [15, 25, 35, 15, 25, 35]),
  ],
  stopGradient: [
    { ...opCase('its value', [ROW], (x) => graph.stopGradient(x), [3], [10, 20, 30]), derivativeIsZero: true },
  ],
  add: [
    opCase('equal shapes', [SIX, SIX], add, [2, 3], [2, -4, 6, -8, 10, -12]),
    opCase('a row', [SIX, ROW], add, [2, 3], [11, 18, 33, 6, 25, 24]),
    opCase('a column and a row', [COLUMN, ROW], add, [2, 3], [12, 22, 32, 6, 16, 26]),
    opCase('a scalar first', [[[], [7]], ROW], add, [3], [17, 27, 37]),
    opCase('the same twice', [ROW], (x) => add(x, x), [3], [20, 40, 60]),
  ],
  sub: [
    opCase('a row less a matrix', [ROW, SIX], sub, [2, 3], [9, 22, 27, 14, 15, 36]),
    opCase('a number less a vector', [ROW], (x) => sub(1, x), [3], [-9, -19, -29]),
  ],
  mul: [
    opCase('a matrix and a column', [SIX, COLUMN], mul, [2, 3], [2, -4, 6, 16, -20, 24]),
    opCase(
      'one length stretched on each side',
      [
        COLUMN,
        [
          [1, 3],
          [1, 2, 3],
        ],
      ],
      mul,
      [2, 3],
      [2, 4, 6, -4, -8, -12],
    ),
  ],
  div: [
    opCase('by a column', [SIX, COLUMN], div, [2, 3], [0.5, -1, 1.5, 1, -1.25, 1.5]),
    opCase(
      'a scalar by a vector',
      [
        [[], [6]],
        [[3], [1, 2, -4]],
      ],
      div,
      [3],
      [6, 3, -1.5],
    ),
  ],
  neg: [opCase('all signs', [SIX], graph.neg, [2, 3], [-1, 2, -3, 4, -5, 6])],
  square: [opCase('all signs', [SIX], graph.square, [2, 3], [1, 4, 9, 16, 25, 36])],
  exp: [opCase('small numbers', [[[3], [0, Math.LN2, -1]]], graph.exp, [3], [1, 2, 1 / Math.E])],
  log: [opCase('positive numbers', [POSITIVE], graph.log, [2, 2], [-Math.LN2, 0, Math.LN2, 2 * Math.LN2])],
  sqrt: [opCase('positive numbers', [POSITIVE], graph.sqrt, [2, 2], [Math.SQRT1_2, 1, Math.SQRT2, 2])],
  leakyRelu: [opCase('both sides', [SIX], (x) => graph.leakyRelu(x, 0.25), [2, 3], [1, -0.5, 3, -1, 5, -1.5])],
  leakyReluSlope: [
    opCase('both sides', [SIX], (x) => graph.leakyReluSlope(x, 0.25), [2, 3], [1, 0.25, 1, 0.25, 1, 0.25]),
  ],
  softmax: [
    opCase('rows', [SIX], graph.softmax, [2, 3], [...softmaxOf([1, -2, 3]), ...softmaxOf([-4, 5, -6])]),
    opCase('a vector', [[[2], [0, Math.log(3)]]], graph.softmax, [2], [0.25, 0.75]),
  ],
  normalise: [
    opCase(
      'rows',
      [
        [
          [2, 2],
          [1, 3, 10, 10],
        ],
      ],
      (x) => graph.normalise(x, 3),
      [2, 2],
      [-0.5, 0.5, 0, 0],
    ),
    opCase(
      'far from zero',
      [[[3], [6, 8, 7]]],
      (x) => graph.normalise(x, 1 / 12),
      [3],
      [-2, 2, 0].map((v) => v / Math.sqrt(3)),
    ),
  ],
  inverseDeviation: [
    opCase(
      'rows',
      [
        [
          [2, 2],
          [1, 3, 10, 10],
        ],
      ],
      (x) => graph.inverseDeviation(x, 3),
      [2, 1],
      [0.5, 1 / Math.sqrt(3)],
    ),
    opCase(
      'beside what it divides',
      [
        [
          [2, 2],
          [1, 3, 10, 14],
        ],
      ],
      (x) => add(graph.normalise(x, 3), graph.inverseDeviation(x, 3)),
      [2, 2],
      [0, 1, -2 / Math.sqrt(7) + 1 / Math.sqrt(7), 3 / Math.sqrt(7)],
    ),
  ],
  matmul: [
    opCase(
      'two matrices',
      [
        SIX,
        [
          [3, 2],
          [1, 2, 3, 4, 5, 6],
        ],
      ],
      matmul,
      [2, 2],
      [10, 12, -19, -24],
    ),
    opCase(
      'a batch and a matrix',
      [
        CUBE,
        [
          [3, 1],
          [1, 0, -1],
        ],
      ],
      matmul,
      [2, 2, 1],
      [-2, -2, -2, -2],
    ),
    opCase(
      'leading axes that broadcast',
      [
        [
          [2, 1, 1, 2],
          [1, 2, 3, 4],
        ],
        [
          [2, 2, 1],
          [1, 10, 100, 1000],
        ],
      ],
      matmul,
      [2, 2, 1, 1],
      [21, 2100, 43, 4300],
    ),
    opCase(
      'a matrix and a batch',
      [
        [
          [1, 2],
          [1, 2],
        ],
        [
          [2, 2, 1],
          [1, 10, 100, 1000],
        ],
      ],
      matmul,
      [2, 1, 1],
      [21, 2100],
    ),
  ],
  transpose: [
    opCase('a matrix', [SIX], (x) => transpose(x), [3, 2], [1, -4, -2, 5, 3, -6]),
    opCase('three axes', [CUBE], (x) => transpose(x, [1, 2, 0]), [2, 3, 2], [1, 7, 2, 8, 3, 9, 4, 10, 5, 11, 6, 12]),
  ],
  reshape: [opCase('with an inferred length', [SIX], (x) => reshape(x, [3, -1]), [3, 2], SIX[1])],
  broadcastTo: [
    opCase('a row', [ROW], (x) => broadcastTo(x, [2, 3]), [2, 3], [10, 20, 30, 10, 20, 30]),
    opCase('a column', [COLUMN], (x) => broadcastTo(x, [2, 2]), [2, 2], [2, 2, -4, -4]),
    opCase('a scalar', [[[], [7]]], (x) => broadcastTo(x, [1, 2]), [1, 2], [7, 7]),
  ],
  reduceSum: [
    opCase('all', [SIX], (x) => reduceSum(x), [], [-3]),
    opCase('the last axis, kept', [SIX], (x) => reduceSum(x, [-1], true), [2, 1], [2, -5]),
    opCase(
      'the first and last axes',
      [CUBE],
      (x) => reduceSum(x, [0, 2]),
      [2],
      [1 + 2 + 3 + 7 + 8 + 9, 4 + 5 + 6 + 10 + 11 + 12],
    ),
    opCase('of a stretched row', [ROW], (x) => reduceSum(broadcastTo(x, [4, 3]), [0]), [3], [40, 80, 120]),
    opCase('of a scalar stretched along two axes', [[[], [7]]], (x) => reduceSum(broadcastTo(x, [2, 3])), [], [42]),
    opCase('both axes of a stretched column', [COLUMN], (x) => reduceSum(broadcastTo(x, [2, 5])), [], [-10]),
  ],
  concat: [
    opCase(
      'rows',
      [
        SIX,
        [
          [1, 3],
          [7, 8, 9],
        ],
      ],
      (a, b) => concat([a, b], 0),
      [3, 3],
      [...SIX[1], 7, 8, 9],
    ),
    opCase('columns', [COLUMN, SIX, COLUMN], (...xs) => concat(xs, -1), [2, 5], [2, 1, -2, 3, 2, -4, -4, 5, -6, -4]),
  ],
  slice: [
    opCase('columns', [SIX], (x) => slice(x, 1, 1, 3), [2, 2], [-2, 3, 5, -6]),
    opCase('from the end', [SIX], (x) => slice(x, -1, -2, -1), [2, 1], [-2, 5]),
    opCase('two that overlap', [ROW], (x) => mul(slice(x, 0, 0, 2), slice(x, 0, 1, 3)), [2], [200, 600]),
    opCase(
      'three with gaps',
      [[[6], [1, 2, 3, 4, 5, 6]]],
      (x) => mul(mul(slice(x, 0, 0, 1), slice(x, 0, 2, 3)), slice(x, 0, 4, 5)),
      [1],
      [15],
    ),
    opCase('two with a gap', [[[4], [1, 2, 3, 4]]], (x) => mul(slice(x, 0, 0, 1), slice(x, 0, 2, 3)), [1], [3]),
  ],
  pad: [opCase('columns', [SIX], (x) => pad(x, 1, 1, 2), [2, 6], [0, 1, -2, 3, 0, 0, 0, -4, 5, -6, 0, 0])],
}

/** [kind and title, case] for `it.each`. */
export const ALL_CASES = Object.entries(OP_CASES).flatMap(([kind, cases]) =>
  cases.map((c): [string, OpCase] => [`${kind}: ${c.title}`, c]),
)
