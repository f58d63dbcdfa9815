import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Json, scalarStudy, tinyMesh, tinyStudy, type Workplace, workplace } from '../end-to-end/tiny-study.ts'
import { command, inProcess, type Outcome, told } from './command-line.ts'

type Problem = readonly [path: string, expected: string, received: string]

let place: Workplace
beforeAll(() => {
  place = workplace()
})
afterAll(() => place.remove())

/** `nestwave dataset` on this study and mesh: nothing of it may start. */
const refused = async (study: Json | string, mesh: string | Buffer = tinyMesh()): Promise<Outcome> => {
  if (typeof study === 'string') writeFileSync(place.study, study)
  else place.write(study)
  writeFileSync(join(place.root, 'plate.msh'), mesh)
  const outcome = await inProcess('dataset', place.study, '--out', place.out)
  expect(outcome.out).toBe('')
  expect(existsSync(place.out)).toBe(false)
  return outcome
}
const edited = (change: (study: Json) => void, study = tinyStudy()): Json => {
  change(study)
  return study
}

const VERBS =
  'one of demo, run, dataset, train, estimate, simulate, sample, inspect, schema, submit, watch, fetch, cancel, resume, jobs'
const MISSING = 'nothing (the key is missing)'
const LAWS = 'one of "constant", "uniform", "normal", "log-normal", "truncated-normal"'
const FACETS = "a named group of facets (available: 'left', 'right', 'bottom', 'top')"
const CELLS = "a named group of cells (available: 'domain', 'zone')"
const NAME = 'letters, digits, space, _ . - (at most 64, none of them first but a letter or digit)'
const IN_ZONE = 'a point inside the zone, whose bounding box is [0.3, 0.45] x [0.15, 0.25] m'

const STUDIES: Readonly<Record<string, readonly [Json, ...Problem[]]>> = {
  'an unknown key': [
    edited((s) => Object.assign(s.load, { directon: 1 })),
    ['load.directon', 'no such key (unknown)', '"directon"'],
  ],
  'missing keys, all of them': [
    edited((s) => {
      delete s.zone
      delete s.load.width
      delete s.materials.default.density
    }),
    ['materials.default.density', 'a number', MISSING],
    ['load.width', 'an object', MISSING],
    ['zone', 'an object', MISSING],
  ],
  'values of a wrong type, all of them': [
    edited((s) => Object.assign(s, { damping: 'high', quantities: 'x', time: { ...s.time, keepEvery: 2.5 } })),
    ['damping', 'a number', '"high"'],
    ['time.keepEvery', 'a whole number', '2.5'],
    ['quantities', 'a list', '"x"'],
  ],
  'a vector of three': [
    edited((s) => Object.assign(s.load, { direction: [1, 0, 0] })),
    ['load.direction', 'at most 2 entries', '[1,0,0]'],
  ],
  'a vector of no length': [
    edited((s) => Object.assign(s.load, { direction: [0, 0] })),
    ['load.direction', 'a vector that is not zero', '[0, 0]'],
  ],
  'a list instead of a study': [[1], ['study file', 'an object', '[1]']],
  'another version of the format': [edited((s) => Object.assign(s, { nestwave: 2 })), ['nestwave', '1', '2']],
  'a negative density': [
    edited((s) => Object.assign(s.materials.default, { density: -7850 })),
    ['materials.default.density', 'a number > 0', '-7850'],
  ],
  "Poisson's ratio .5": [
    edited((s) => Object.assign(s.materials.default, { poissonRatio: 0.5 })),
    ['materials.default.poissonRatio', 'a number < 0.5', '0.5'],
  ],
  'elastic constants of a scalar field': [
    edited((s) => Object.assign(s, { materials: tinyStudy().materials }), scalarStudy()),
    ['materials.default.shearModulus', 'a number (physics is scalar)', 'nothing'],
    ['materials.default.youngsModulus', 'no such key (physics is scalar)', '210000000000'],
    ['materials.default.poissonRatio', 'no such key (physics is scalar)', '0.3'],
  ],
  'cells without a material': [
    edited((s) => Object.assign(s, { materials: { zone: s.materials.default } })),
    ['materials', 'a material for every cell (name a group for it, or `default`)', 'none for cell 0'],
  ],
  'groups that the mesh has not, all of them': [
    edited((s) => {
      s.zone = { group: 'zon' }
      s.materials.steel = s.materials.default
      s.fixed = [{ group: 'rigt' }]
      s.load.group = 'lft'
    }),
    ['zone.group', CELLS, "'zon'"],
    ['materials.steel', CELLS, "'steel'"],
    ['fixed[0].group', FACETS, "'rigt'"],
    ['load.group', FACETS, "'lft'"],
  ],
  'a zone that is the whole mesh': [
    edited((s) => Object.assign(s, { zone: { group: 'domain' } })),
    ['zone', 'a part of the mesh, so that the zone has an interface', 'all 384 cells'],
  ],
  'a zone without cells': [
    edited((s) => Object.assign(s, { zone: { box: [1, 1, 2, 2] } })),
    ['zone', 'a zone that holds the centroid of at least one cell', 'no cell for {"box":[1,1,2,2]}'],
  ],
  'a box with its corners swapped': [
    edited((s) => Object.assign(s, { zone: { box: [0.4, 0.4, 0.1, 0.1] } })),
    ['zone.box', '[x0, y0, x1, y1] in m with x0 < x1 and y0 < y1', '[0.4,0.4,0.1,0.1]'],
  ],
  'a disc without radius': [
    edited((s) => Object.assign(s, { zone: { disc: { centre: [0, 0] } } })),
    ['zone.disc.radius', 'a number', MISSING],
  ],
  'a zone that holds the loaded edge': [
    edited((s) => Object.assign(s, { zone: { box: [0, 0.1, 0.45, 0.3] } })),
    ['zone', "no part of the loaded edge 'left' (the trace alone drives the zone)", '14 of its nodes'],
  ],
  'quantities outside the zone or the mesh, all of them': [
    edited((s) => {
      s.quantities[0].at = { group: 'left' }
      s.quantities[1].at = { point: [0.1, 0.1] }
      s.quantities[2].at = { point: [9, 9] }
    }),
    ['quantities[0].at.group', "a group of cells ('domain', 'zone') or facets (none) of the zone", "'left'"],
    ['quantities[1].at.point', IN_ZONE, '(0.1, 0.1), 0.206 m from the nearest node and in no cell'],
    ['quantities[2].at.point', IN_ZONE, '(9, 9), 12.2 m from the nearest node and in no cell'],
  ],
  'a stress partly outside the zone, and one on its boundary': [
    edited((s) => {
      s.quantities[0].at = { group: 'domain' }
      s.quantities.push({ name: 'edge stress', kind: 'peak-von-mises', at: { point: [0.3, 0.21] } })
    }),
    [
      'quantities[0].at.group',
      'a group whose cells all lie in the zone',
      "'domain', 360 of whose 384 cells lie outside",
    ],
    ['quantities[3].at.point', "a point inside a cell of the zone, not on the zone's boundary", '(0.3, 0.21)'],
  ],
  'motions of points that are held, in the direction they are held in': [
    edited((s) => {
      s.zone = { box: [0.45, 0.15, 0.6, 0.25] }
      s.fixed = [{ group: 'right', components: ['x'] }]
      s.quantities = ['x', 'y', 'magnitude'].map((component) => ({
        ...{ name: component, kind: 'peak-displacement', at: { point: [0.6, 0.21] }, component },
      }))
      s.quantities.push({ name: 'inside', kind: 'arrival-time', at: { point: [0.59, 0.21] }, component: 'x' })
      s.estimate.exceedance = {}
    }),
    ['quantities[0].at.point', 'a point that `fixed` does not hold', '(0.6, 0.21)'],
  ],
  'a held point of a scalar field': [
    edited((s) => {
      s.zone = { box: [0.45, 0.15, 0.6, 0.25] }
      for (const q of s.quantities) q.at = { point: [0.6, 0.2] }
    }, scalarStudy()),
    ['quantities[0].at.point', 'a point that `fixed` does not hold', '(0.6, 0.2)'],
    ['quantities[1].at.point', 'a point that `fixed` does not hold', '(0.6, 0.2)'],
  ],
  'an unknown kind of quantity': [
    edited((s) => Object.assign(s.quantities[0], { kind: 'peak' })),
    ['quantities[0].kind', 'one of "peak-von-mises", "peak-displacement", "arrival-time"', '"peak"'],
  ],
  'von Mises stress of a scalar field': [
    edited((s) => s.quantities.push(tinyStudy().quantities[0]), scalarStudy()),
    ['quantities[2].kind', 'peak-displacement or arrival-time (physics is scalar)', 'peak-von-mises'],
  ],
  'a component of a scalar field': [
    edited((s) => Object.assign(s.quantities[0], { component: 'x' }), scalarStudy()),
    ['quantities[0].component', "'magnitude' (a scalar field has no components)", "'x'"],
  ],
  'a name used twice': [
    edited((s) => Object.assign(s.quantities[1], { name: 'arrival' })),
    ['quantities[2].name', 'a name of its own', 'arrival (used before)'],
  ],
  'names that are no names': [
    edited((s) => {
      s.quantities[0].name = ''
      s.quantities[1].name = 'a/b'
    }),
    ['quantities[0].name', NAME, '""'],
    ['quantities[1].name', NAME, '"a/b"'],
  ],
  'a step over the stable limit': [
    edited((s) => Object.assign(s.time, { step: 1e-3 })),
    ['time.step', 'at most 0.000002307 s, the stable limit on this mesh', '0.001 s'],
  ],
  'too few frames': [
    edited((s) => Object.assign(s.time, { keepEvery: 40 })),
    [
      'time.keepEvery',
      'at most 26, so that a trace has 4 frames for its spline',
      '40 (80 steps of 0.00000187 s: 3 frames)',
    ],
  ],
  'more steps than can be kept': [
    edited((s) => Object.assign(s.time, { duration: 1e9 })),
    ['time.duration', 'at most 2.08 s, 1000000 steps of 0.00000208 s', '1000000000 s'],
  ],
  'a law with its ends swapped': [
    edited((s) => Object.assign(s.load.width, { low: 2, high: 1 })),
    ['load.width.high', 'a number > low (2)', '1'],
  ],
  'an unknown law, and none': [
    edited((s) => {
      s.load.width.law = 'beta'
      delete s.load.arrival.law
    }),
    ['load.arrival.law', LAWS, MISSING],
    ['load.width.law', LAWS, '"beta"'],
  ],
  'a negative arrival, and a width that may be': [
    edited((s) => {
      s.load.arrival.low = -1e-6
      s.load.width = { law: 'normal', mean: 5e-5, standardDeviation: 1e-5 }
    }),
    ['load.arrival', 'a law without negative times', 'uniform from -0.000001 to 0.00002'],
    ['load.width', 'a law of positive times', 'normal, which has no bounds'],
  ],
  'an arrival after the end': [
    edited((s) => Object.assign(s.load.arrival, { high: 1 })),
    ['load.arrival', 'a law of times before time.duration = 0.00015 s', 'uniform from 0 to 1'],
  ],
  'a pulse too late for the zone': [
    edited((s) => Object.assign(s.load.arrival, { high: 0.000149 })),
    ['time.duration', 'more than 0.000182094 s, the earliest that the latest pulse can reach the zone', '0.00015 s'],
  ],
  'a load beside its edge': [
    edited((s) => Object.assign(s.load.position, { low: 3, high: 4 })),
    [
      'load.position',
      "positions between -0.075 and 0.475 m, where the footprint touches the edge 'left' (0.4 m long)",
      'uniform from 3 to 4 m',
    ],
  ],
  'too few runs': [
    edited((s) => Object.assign(s, { dataset: { train: 10, validation: 0, test: -5 } })),
    ['dataset.train', 'a number >= 50', '10'],
    ['dataset.validation', 'a number >= 20', '0'],
    ['dataset.test', 'a number >= 20', '-5'],
  ],
  'numbers of modes out of order, and too many': [
    edited((s) => Object.assign(s.reduction, { modes: [16, 8, 60] })),
    ['reduction.modes[1]', 'a number > 16 (ascending)', '8'],
    ['reduction.modes[2]', 'at most half of dataset.train = 100', '60'],
  ],
  'a latent longer than the modes, a batch larger than the data': [
    edited((s) => Object.assign(s.generator, { latent: 64, batch: 1000 })),
    ['generator.latent', 'at most reduction.modes[0] = 8', '64'],
    ['generator.batch', 'at most dataset.train = 100', '1000'],
  ],
  'heads and tokens that divide nothing': [
    edited((s) => Object.assign(s.generator, { form: 'transformer', heads: 3, tokens: 5 })),
    ['generator.heads', 'a divisor of generator.width = 16', '3'],
    ['generator.tokens', 'a divisor of generator.latent = 8', '5'],
  ],
  'a batch that four widths cannot share': [
    edited((s) => Object.assign(s.generator, { mode: 'joint', batch: 30 })),
    ['generator.batch', 'a multiple of 4 (mode is joint: four widths share a batch)', '30'],
  ],
  'combinations of another length than the blocks': [
    edited((s) => Object.assign(s.estimate, { granularity: [1, 0.5, 0.5], granularities: [[1]] })),
    ['estimate.granularity', 'one width per block (generator.blocks = 2)', '3 widths'],
    ['estimate.granularities[0]', 'one width per block (generator.blocks = 2)', '1 widths'],
  ],
  'a granularity that is not nested': [
    edited((s) => Object.assign(s.estimate, { granularity: 0.3 })),
    ['estimate.granularity', 'one of 0.125, 0.25, 0.5, 1', '0.3'],
  ],
  'a threshold of nothing': [
    edited((s) => Object.assign(s.estimate, { exceedance: { 'peak strss': 1e8 } })),
    ['estimate.exceedance.peak strss', 'one of the quantities peak stress, peak motion, arrival', 'peak strss'],
  ],
}

describe('a study with', () => {
  it.each(Object.keys(STUDIES))('%s', async (name) => {
    const [study, ...problems] = STUDIES[name]
    expect(await refused(study)).toEqual({ code: 2, out: '', err: told(...problems) })
  })
})

const TEXT = `${JSON.stringify(tinyStudy(), null, 2)}\n`
const JSON_TEXT = 'JSON (no comments, no trailing commas, no NaN)'

describe('a study file with', () => {
  it('1e999, a number beyond all numbers', async () => {
    const { code, err } = await refused(TEXT.replace('7850', '1e999'))
    expect({ code, err }).toEqual({ code: 2, err: told(['materials.default.density', 'a finite number', 'Infinity']) })
  })

  it.each([
    ['NaN', TEXT.replace('7850', 'NaN'), '13:18', 'Unexpected token'],
    ['a trailing comma', TEXT.replace('7850', '7850,'), '14:5', 'Expected double-quoted property name'],
    ['a comment', `// steel\n${TEXT}`, '1:1', 'Unexpected token'],
    ['nothing in it', '', '1:1', 'Unexpected end of JSON input'],
    ['a picture in it', '\x89PNG\r\n\x1a\n', '1:1', 'Unexpected token'],
    ['its end cut off', TEXT.slice(0, 300), '19:2', 'Expected property name'],
  ])('%s, by line and column', async (_, text, place, complaint) => {
    const { code, err } = await refused(text)
    expect(code).toBe(2)
    expect(err).toContain(told([`tiny.json:${place}`, JSON_TEXT, complaint]).trimEnd())
    expect(err).toMatch(/^[\n -~]+$/)
  })

  it('a byte order mark: nothing is wrong with that', async () => {
    writeFileSync(place.study, `\uFEFF${TEXT.replace('"nestwave": 1', '"nestwave": 9')}`)
    const { err } = await inProcess('dataset', place.study, '--out', place.out)
    expect(err).toBe(told(['nestwave', '1', '9']))
  })
})

const MESH = tinyMesh()
const LINES = MESH.split('\n')
const ELEMENTS = LINES.indexOf('$Elements')
/** Line number of the first element row that matches. */
const elementLine = (row: RegExp): number => LINES.findIndex((line, k) => k > ELEMENTS && row.test(line)) + 1
const withLine = (line: number, text: string): string => LINES.with(line - 1, text).join('\n')
const gmsh = (file: string): Buffer => readFileSync(resolve(import.meta.dirname, '../fixtures/gmsh', file))
const EXPORT = 'export with gmsh -2 -format msh41'

const quad = elementLine(/^\d+ 3 2 1 1 /)
const nodeLine = LINES.indexOf('$Nodes') + 3

const inverted = (): string => {
  const [tag, type, n, physical, entity, a, b, c, d] = LINES[quad - 1].split(' ')
  return withLine(quad, [tag, type, n, physical, entity, d, c, b, a].join(' '))
}

describe('a mesh', () => {
  it.each<readonly [string, string | Buffer, Problem]>([
    [
      'cut short',
      MESH.slice(0, 9000),
      ['plate.msh:337', "'$EndNodes' (section opened on line 13)", 'the end of a truncated file'],
    ],
    [
      'that is binary (4.1)',
      gmsh('v41-binary.msh'),
      ['plate.msh:2', `an ASCII file (${EXPORT}, without -bin)`, 'a binary file'],
    ],
    [
      'that is binary (2.2)',
      gmsh('v22-binary.msh'),
      ['plate.msh:2', `an ASCII file (${EXPORT}, without -bin)`, 'a binary file'],
    ],
    ['of version 4.0', gmsh('v40.msh'), ['plate.msh:2', `version 4.1 or 2.2 (${EXPORT})`, 'version 4']],
    [
      'that is a picture',
      '\x89PNG\r\n\x1a\n',
      ['plate.msh:1', `'$MeshFormat', the first line of a Gmsh .msh file (${EXPORT})`, "'?PNG'"],
    ],
    ['that is empty', '', ['plate.msh:1', `'$MeshFormat', the first line of a Gmsh .msh file (${EXPORT})`, "''"]],
    [
      'with an inverted element',
      inverted(),
      [
        `plate.msh:${quad}`,
        'cells that run counter-clockwise, like the rest of the mesh (turn the surface round)',
        'element 81 (nodes 25, 26, 1, 0 from 0): inverted, area -6.250e-4 m²',
      ],
    ],
    ['with NaN', withLine(nodeLine, '1 nan 0 0'), [`plate.msh:${nodeLine}`, 'finite coordinates', 'node 1 at NaN 0 0']],
  ])('%s', async (_, mesh, problem) => {
    expect(await refused(tinyStudy(), mesh)).toEqual({ code: 2, out: '', err: told(problem) })
  })

  it('of second order, each type with its number', async () => {
    const { code, err } = await refused(tinyStudy(), gmsh('second-order.msh'))
    expect(code).toBe(2)
    expect(err).toContain('  plate.msh:197\n    expected first-order lines, triangles and quadrilaterals\n')
    expect(err).toContain('received 13 x 6-node triangle (type 9); export with Mesh.ElementOrder = 1 (gmsh -order 1)\n')
  })

  it.each([
    ['no.msh', 'which does not exist'],
    ['.', 'which is a folder'],
  ])('that is not there: %s', async (mesh, why) => {
    const { code, err } = await refused(edited((s) => Object.assign(s.domain, { mesh })))
    expect({ code, err }).toEqual({
      code: 2,
      err: told(['domain.mesh', 'a file that can be read', `${resolve(place.root, mesh)}, ${why}`]),
    })
  })
})

describe('a command line with', () => {
  it.each<readonly [string, readonly string[], Problem]>([
    ['no study', ['run'], ['study file', 'the path of a study file', 'nothing']],
    ['two studies', ['run', 'a.json', 'b.json'], ['study file', 'one study file', 'a.json b.json']],
    [
      'a study that is not there',
      ['run', 'no.json'],
      ['study file', 'a file that can be read', 'no.json, which does not exist'],
    ],
    ['a folder as study', ['run', '.'], ['study file', 'a file that can be read', '., which is a folder']],
    ['a study for the demo', ['demo', 'a.json'], ['demo', 'no study file (demo has its own)', 'a.json']],
    ['--workers 0', ['run', 'a.json', '--workers', '0'], ['--workers', 'a whole number >= 1', '0']],
    ['--workers two', ['run', 'a.json', '-w', 'two'], ['--workers', 'a whole number >= 1', 'two']],
    ['--sample 1.5', ['simulate', 'a.json', '--sample', '1.5'], ['--sample', 'a whole number >= 0', '1.5']],
    [
      'an unknown flag',
      ['run', '--fast'],
      ['command line', 'the flags that `nestwave --help` lists', "Unknown option '--fast'"],
    ],
    [
      'a flag without its value',
      ['run', 'a.json', '--out'],
      ['command line', 'the flags that `nestwave --help` lists', "Option '-o, --out <value>' argument missing"],
    ],
    ['an unknown verb', ['rum'], ['verb', VERBS, 'rum']],
    ['a verb that every object has', ['toString'], ['verb', VERBS, 'toString']],
  ])('%s', async (_, argv, problem) => {
    expect(await inProcess(...argv)).toEqual({ code: 2, out: '', err: told(problem) })
  })

  it('a file where the folder should be', async () => {
    place.write(tinyStudy())
    writeFileSync(join(place.root, 'plate.msh'), MESH)
    const { code, err } = await inProcess('dataset', place.study, '--out', place.study)
    expect(code).toBe(2)
    expect(err).toContain(
      `  --out\n    expected a folder that can be made and written\n    received ${place.study} (EEXIST`,
    )
  })

  it('an unknown tensor runtime', async () => {
    place.write(tinyStudy())
    writeFileSync(join(place.root, 'plate.msh'), MESH)
    const { code, err } = await inProcess('train', place.study, '--out', join(place.root, 'none'), '--executor', 'cuda')
    expect(code).toBe(2)
    expect(err).toBe(told(['--executor', 'one of auto, tfjs-node-gpu, tfjs-node, onnxruntime-cpu, tfjs-cpu', 'cuda']))
  })
})

describe('the order of the verbs', () => {
  beforeAll(() => {
    place.write(tinyStudy())
    writeFileSync(join(place.root, 'plate.msh'), MESH)
  })

  it('estimate before train', async () => {
    const { code, err } = await inProcess('estimate', place.study, '--out', join(place.root, 'early'))
    expect(code).toBe(2)
    expect(err).toBe(told(['model/reduction.bin', 'the result of `nestwave train`', 'no such file (run train first)']))
  })

  it('train before dataset', async () => {
    const { code, err } = await inProcess('train', place.study, '--out', join(place.root, 'early'))
    expect(code).toBe(2)
    expect(err).toBe(
      told(['dataset/train', 'samples 0 to 63', 'none on disk (run `nestwave dataset` with this study first)']),
    )
  })
})

describe('the real command', () => {
  it('ends with code 2 and the same message', async () => {
    const missing = join(place.root, 'no.json')
    const other = workplace(edited((s) => Object.assign(s.time, { step: 1 })))
    const binary = workplace(tinyStudy(), '')
    writeFileSync(join(binary.root, 'plate.msh'), gmsh('v22-binary.msh'))
    const outcomes = await Promise.all([
      command('run', missing),
      command('rum'),
      command('run', other.study, '--out', other.out),
      command('run', binary.study, '--out', binary.out),
      command('run', binary.study, '--workers', '-1'),
      command('run', other.study, '--out', other.out, '--json'),
    ])
    expect(outcomes.map(({ code, out }) => ({ code, out }))).toEqual(outcomes.map(() => ({ code: 2, out: '' })))
    const limit: Problem = ['time.step', 'at most 0.000002307 s, the stable limit on this mesh', '1 s']
    expect(outcomes.map(({ err }) => err)).toEqual([
      told(['study file', 'a file that can be read', `${missing}, which does not exist`]),
      told(['verb', VERBS, 'rum']),
      told(limit),
      told(['plate.msh:2', `an ASCII file (${EXPORT}, without -bin)`, 'a binary file']),
      told([
        'command line',
        'the flags that `nestwave --help` lists',
        '--workers without a value (one that begins with a dash is written --workers=-1)',
      ]),
      `${JSON.stringify({ event: 'invalid-input', problems: [{ path: limit[0], expected: limit[1], received: limit[2] }] })}\n`,
    ])
    other.remove()
    binary.remove()
  })
})
