import { z } from 'zod'

/**
 * The study file: one JSON document that describes a whole job. Strict: an unknown key is an error. SI units; each
 * field's unit is metadata that the JSON Schema and the forms show. `"nestwave": 1` is the format's version.
 */

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}$/, {
    error: 'letters, digits, space, _ . - (at most 64, none of them first but a letter or digit)',
  })
  .meta({ description: 'letters, digits, space, _ . -; at most 64' })

const quantity = (unit: string, description: string) => z.number().meta({ unit, description })
const positive = (unit: string, description: string) => z.number().positive().meta({ unit, description })
const fraction = (description: string) => z.number().gt(0).lt(1).meta({ unit: '1', description })
const count = (description: string, minimum = 1, maximum = 1_000_000) =>
  z.int().min(minimum).max(maximum).meta({ description })

const point = z.tuple([quantity('m', 'x'), quantity('m', 'y')])

/** A random variable. `unit` is that of the quantity it stands for. */
const marginal = (unit: string, description: string) =>
  z
    .discriminatedUnion('law', [
      z.strictObject({ law: z.literal('constant'), value: quantity(unit, 'its value') }),
      z.strictObject({
        law: z.literal('uniform'),
        low: quantity(unit, 'lower end'),
        high: quantity(unit, 'upper end'),
      }),
      z.strictObject({
        law: z.literal('normal'),
        mean: quantity(unit, 'mean'),
        standardDeviation: positive(unit, 'standard deviation'),
      }),
      z.strictObject({
        law: z.literal('log-normal'),
        mean: positive(unit, 'mean of the variable itself'),
        standardDeviation: positive(unit, 'standard deviation of the variable itself'),
      }),
      z.strictObject({
        law: z.literal('truncated-normal'),
        mean: quantity(unit, 'mean of the parent normal law'),
        standardDeviation: positive(unit, 'standard deviation of the parent normal law'),
        low: quantity(unit, 'lower end'),
        high: quantity(unit, 'upper end'),
      }),
    ])
    .meta({ unit, description })

const material = z.strictObject({
  youngsModulus: positive('Pa', "Young's modulus E (plane strain, plane stress)").optional(),
  poissonRatio: z.number().gt(-1).lt(0.5).meta({ unit: '1', description: "Poisson's ratio ν (elastic)" }).optional(),
  shearModulus: positive('Pa', 'modulus μ of the scalar wave equation').optional(),
  density: positive('kg/m³', 'mass density ρ'),
})

const zone = z.union([
  z.strictObject({ group: name }),
  z.strictObject({
    box: z.tuple([quantity('m', 'x0'), quantity('m', 'y0'), quantity('m', 'x1'), quantity('m', 'y1')]),
  }),
  z.strictObject({ disc: z.strictObject({ centre: point, radius: positive('m', 'radius') }) }),
])

const component = z.enum(['x', 'y', 'magnitude'])
const atPoint = z.strictObject({ point })

const quantityOfInterest = z.discriminatedUnion('kind', [
  z.strictObject({
    name,
    kind: z.literal('peak-von-mises'),
    at: z.union([atPoint, z.strictObject({ group: name })]),
  }),
  z.strictObject({
    name,
    kind: z.literal('peak-displacement'),
    at: atPoint,
    component: component.default('magnitude'),
  }),
  z.strictObject({
    name,
    kind: z.literal('arrival-time'),
    at: atPoint,
    component: component.default('magnitude'),
    fraction: fraction('share of its own peak that counts as arrived').default(0.1),
  }),
])

const load = z.strictObject({
  kind: z
    .enum(['traction', 'displacement'])
    .default('traction')
    .meta({ description: 'a traction in Pa, or a prescribed motion in m, on the facets of `group`' }),
  group: name.meta({ description: 'named facets that carry the load' }),
  direction: z.tuple([z.number(), z.number()]).meta({ description: 'direction vector; normalised' }),
  footprint: positive('m', 'length over which the load acts along the facets (cos² bump); null: all of them')
    .nullable()
    .default(null),
  amplitude: marginal('Pa or m', 'peak of the pulse'),
  arrival: marginal('s', 'time at which the pulse starts, ≥ 0'),
  position: marginal('m', 'centre of the footprint, measured along the facets from their first end'),
  width: marginal('s', 'duration of the pulse sin²(π(t−t₀)/w)'),
})

const modulusField = z.strictObject({
  coefficientOfVariation: z.number().gt(0).max(1).meta({ unit: '1', description: 'standard deviation / mean' }),
  correlationLength: positive('m', 'correlation length of the Gaussian field'),
  kernel: z.enum(['squared-exponential', 'exponential']).default('squared-exponential'),
  varianceShare: fraction('share of the variance that the Karhunen-Loève expansion keeps').default(0.95),
})

const defect = z.strictObject({
  along: name.meta({
    description: 'named facets inside the domain, away from the zone: the line on which the crack lies',
  }),
  present: z.number().min(0).max(1).meta({ unit: '1', description: 'probability that a sample has a crack' }),
  centre: marginal('m', 'middle of the crack, measured along the line from its first end'),
  length: marginal('m', 'length of the crack'),
})

const generator = z.strictObject({
  form: z.enum(['residual', 'transformer']).default('residual'),
  mode: z.enum(['distillation', 'sampled', 'joint']).default('distillation'),
  critic: z
    .enum(['shared', 'branches', 'conditioned'])
    .default('shared')
    .meta({ description: 'one for all granularities, one branch for each, or told which one made a sample' }),
  penalty: z
    .enum(['trace', 'trace-and-condition'])
    .default('trace')
    .meta({ description: 'what the penalised gradient of the critic is by' }),
  latent: count('whitened modes that the network learns (the rest are a normal tail given them)', 2, 256).default(32),
  width: count('width of the residual stream', 8, 1024).default(128),
  blocks: count('number of blocks', 1, 24).default(3),
  heads: count('attention heads (transformer)', 1, 32).default(4),
  nestedHeads: z
    .boolean()
    .default(false)
    .meta({ description: 'whether a granularity has only its share of the heads' }),
  tokens: count('mode tokens (transformer)', 1, 64).default(8),
  categories: count('equally likely categories beside the latent normals; 0 or 1: none', 0, 64).default(0),
  hidden: z
    .int()
    .min(8)
    .max(4096)
    .multipleOf(8)
    .default(256)
    .meta({ description: 'feed-forward width, nested 1/8 … 1' }),
  iterations: count('training iterations', 1).default(3000),
  batch: count('samples per step', 8, 4096).default(128),
  checkpointEvery: count('iterations between checkpoints').default(500),
  checkpointSeconds: positive(
    's',
    'time between checkpoints; the earlier of the two counts, and neither changes a number',
  ).default(30),
})

const granularity = z.union([z.literal(0.125), z.literal(0.25), z.literal(0.5), z.literal(1)])

export const MODEL_NAMES = [
  'pca-gauss',
  'scale-gauss',
  'residual-bootstrap',
  'local-bootstrap',
  'trace-replay',
  'gaussian-mixture',
  'gan',
] as const
export type ModelName = (typeof MODEL_NAMES)[number]

const estimate = z.strictObject({
  model: z
    .enum(['recommended', ...MODEL_NAMES])
    .default('recommended')
    .meta({ description: '`recommended`: the one that validation favours' }),
  granularity: z
    .union([granularity, z.array(granularity).min(1)])
    .default(1)
    .meta({ description: "granularity of the GAN: one for all blocks, or one per block (Mix'n'Match)" }),
  samples: count('submodel samples of the chosen model').default(4000),
  comparisonSamples: count('submodel samples of each other model', 20).default(1000),
  level: fraction('confidence level of the intervals').default(0.95),
  quantiles: z.array(fraction('probability')).default([0.05, 0.5, 0.95]),
  exceedance: z
    .record(z.string(), z.number())
    .default({})
    .meta({ description: 'threshold by quantity of interest, in its unit' }),
  outsideRange: z
    .enum(['warn', 'refuse'])
    .default('refuse')
    .meta({ description: 'what becomes of load parameters that training did not cover' }),
  granularities: z
    .array(z.array(granularity).min(1))
    .default([])
    .meta({ description: "Mix'n'Match combinations to compare, one width per block" }),
})

export const studySchema = z
  .strictObject({
    nestwave: z.literal(1).meta({ description: 'version of this format' }),
    title: z.string().min(1).max(200),
    seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(1),
    domain: z.strictObject({
      mesh: z.string().min(1).meta({ description: 'Gmsh .msh file (ASCII 2.2 or 4.1), relative to the study file' }),
      physics: z.enum(['plane-strain', 'plane-stress', 'scalar']),
    }),
    materials: z
      .record(name, material)
      .meta({ description: 'by cell group; `default` holds for the cells that no other entry names' }),
    damping: z.number().min(0).default(0).meta({ unit: '1/s', description: 'Rayleigh mass damping α, C = αM' }),
    fixed: z
      .array(
        z.strictObject({
          group: name,
          components: z
            .array(z.enum(['x', 'y']))
            .min(1)
            .default(['x', 'y']),
        }),
      )
      .default([]),
    load,
    uncertainty: z
      .strictObject({ modulusField: modulusField.nullable().default(null), defect: defect.optional() })
      .default({ modulusField: null })
      .meta({ description: 'what is hidden outside the zone, and the generator must make up: modulus, crack' }),
    zone,
    time: z.strictObject({
      duration: positive('s', 'simulated time'),
      step: positive('s', 'time step; default: courant × the stable limit').optional(),
      courant: z.number().gt(0).max(1).default(0.9).meta({ unit: '1', description: 'step / stable limit' }),
      keepEvery: count('steps between kept trace frames').default(5),
    }),
    quantities: z.array(quantityOfInterest).min(1).max(64),
    dataset: z
      .strictObject({
        train: count('training runs', 50).default(1000),
        validation: count('validation runs: every choice is made on them', 20).default(500),
        test: count('held-out runs, opened once for the report', 20).default(1000),
      })
      .prefault({}),
    reduction: z
      .strictObject({
        modes: z
          .array(count('number of modes', 2, 1024))
          .min(1)
          .default([32, 64, 96, 128, 192])
          .meta({ description: 'candidates; the first whose error is below the tolerance is taken' }),
        norm: z.enum(['l2', 'h1', 'quantities']).default('l2').meta({
          description: 'what modes are best in: the motion, with its derivative in time, or the quantities of interest',
        }),
        tolerance: fraction('accepted relative error of the quantities of interest').default(0.01),
      })
      .prefault({}),
    generator: generator.prefault({}),
    estimate: estimate.prefault({}),
  })
  .meta({ id: 'NestwaveStudy', title: 'Nestwave study' })

export type Study = z.infer<typeof studySchema>
export type Split = 'train' | 'validation' | 'test'

/** JSON Schema (2020-12) of the study file, for editors and forms. */
export const studyJsonSchema = (): object => z.toJSONSchema(studySchema, { io: 'input' })
