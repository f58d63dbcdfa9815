/**
 * The study with other seeds: everything drawn anew, training, validation and held-out runs. One line a seed;
 * `node experiments/plate-with-hole/seeds.ts 1 2`, about four minutes each, in out/seeds/<seed>.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')
const MODELS = [
  'pca-gauss',
  'scale-gauss',
  'residual-bootstrap',
  'local-bootstrap',
  'trace-replay',
  'gaussian-mixture',
  'gan',
] as const

const run = (seed: number): void => {
  const out = join(ROOT, 'out/seeds', String(seed))
  const study = JSON.parse(readFileSync(join(import.meta.dirname, 'study.json'), 'utf8'))
  mkdirSync(out, { recursive: true })
  const file = join(ROOT, `out/seeds/study-${seed}.json`)
  writeFileSync(
    file,
    JSON.stringify({ ...study, seed, domain: { ...study.domain, mesh: '../../meshes/plate-with-hole.msh' } }),
  )
  execFileSync(process.execPath, [join(ROOT, 'bin/nestwave.mjs'), 'run', file, '--out', out, '--quiet'])
  const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'))
  const ks = MODELS.map((name) => report.traceModels[name].meanKs.toFixed(3))
  console.log(`| ${seed} | ${report.floor.meanKs.toFixed(3)} | ${ks.join(' | ')} | ${report.recommended} |`)
}

console.log(`| seed | real against real | ${MODELS.join(' | ')} | recommended |`)
console.log(`|---|---|${MODELS.map(() => '---|').join('')}---|`)
for (const seed of process.argv.slice(2).map(Number)) run(seed)
