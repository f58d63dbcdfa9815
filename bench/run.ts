import { parseArgs } from 'node:util'
import type { Bench, Figure } from './bench.ts'
import { recordOf, table } from './bench.ts'
import { BRIEF } from './brief.ts'

/** node bench/run.ts [NAME | all] [--json]: without a name the list; with --json the last line is one JSON object. */
const BENCHES: Readonly<Record<string, () => Promise<{ readonly bench: Bench }>>> = {
  'full-domain': () => import('./full-domain.ts'),
  submodel: () => import('./submodel.ts'),
  decode: () => import('./decode.ts'),
  train: () => import('./train.ts'),
  sample: () => import('./sample.ts'),
}
const NAMES = Object.keys(BENCHES)

const list = async (): Promise<string> => {
  const lines = await Promise.all(
    NAMES.map(async (name) => `  ${name.padEnd(12)} ${(await BENCHES[name]()).bench.about}`),
  )
  return ['usage: npm run bench -- NAME [--json]', ...lines, `  ${'all'.padEnd(12)} each of them in turn`].join('\n')
}

const refuse = async (complaint: string): Promise<void> => {
  console.error(`${complaint}\n${await list()}`)
  process.exitCode = 2
}

const measure = async (name: string): Promise<readonly Figure[]> => {
  const { bench } = await BENCHES[name]()
  console.log(`${name}: ${bench.about}`)
  if (BRIEF) console.log('  brief: do they agree, and do they all finish; the figures mean nothing')
  const outcome = await bench.run()
  console.log(table(outcome))
  return outcome.figures
}

const measureAll = async (): Promise<Figure[]> => {
  const figures: Figure[] = []
  for (const name of NAMES)
    for (const figure of await measure(name)) figures.push({ ...figure, key: `${name}.${figure.key}` })
  return figures
}

const argumentsOf = (): { names: readonly string[]; json: boolean } | string => {
  try {
    const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true })
    return { names: positionals, json: values.json ?? false }
  } catch (error) {
    return (error as Error).message
  }
}

const main = async (): Promise<void> => {
  const given = argumentsOf()
  if (typeof given === 'string') return refuse(given)
  const [name, ...others] = given.names
  if (name === undefined) return console.log(await list())
  if (others.length > 0) return refuse(`one bench at a time, not ${given.names.join(', ')}`)
  if (name !== 'all' && !NAMES.includes(name)) return refuse(`no bench is called '${name}'`)
  const figures = name === 'all' ? await measureAll() : await measure(name)
  if (given.json) console.log(JSON.stringify(recordOf(name, figures)))
}

await main()
