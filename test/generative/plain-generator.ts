import type { ExtractedGenerator } from '../../src/generative/gan/extract.ts'

/** The generator written out in plain loops and double precision, one sample at a time: no graph, no shared code. */
type Matrix = readonly (readonly number[])[]
type Weights = Readonly<Record<string, Float32Array>>

const dense = (w: Weights, name: string, x: readonly number[]): number[] => {
  const b = w[`${name}.b`]
  return Array.from(b, (bias, j) => x.reduce((sum, v, i) => sum + v * w[`${name}.w`][i * b.length + j], bias))
}

const norm = (w: Weights, name: string, x: readonly number[]): number[] => {
  const mean = x.reduce((a, b) => a + b) / x.length
  const variance = x.reduce((a, v) => a + (v - mean) ** 2, 0) / x.length
  return x.map((v, i) => ((v - mean) / Math.sqrt(variance + 1e-5)) * w[`${name}.gain`][i] + w[`${name}.bias`][i])
}

const plus = (a: readonly number[], b: readonly number[]): number[] => a.map((v, i) => v + b[i])

const attention = (w: Weights, name: string, tokens: Matrix, heads: number): number[][] => {
  const width = w[`${name}.in.b`].length / 3
  const depth = width / heads
  const qkv = tokens.map((t) => dense(w, `${name}.in`, t))
  const mixed = tokens.map((_, s) => {
    const out: number[] = []
    for (let h = 0; h < heads; h++) {
      const part = (token: number, which: number): number[] =>
        qkv[token].slice(which * width + h * depth, which * width + (h + 1) * depth)
      const scores = tokens.map((_, t) =>
        Math.exp(part(s, 0).reduce((a, q, i) => a + q * part(t, 1)[i], 0) / Math.sqrt(depth)),
      )
      const total = scores.reduce((a, b) => a + b)
      for (let i = 0; i < depth; i++) out.push(scores.reduce((a, p, t) => a + (p / total) * part(t, 2)[i], 0))
    }
    return out
  })
  return mixed.map((m) => dense(w, `${name}.out`, m))
}

const feedForward = (w: Weights, name: string, x: readonly number[]): number[] => {
  const up = dense(w, `${name}.up`, norm(w, `${name}.norm`, x)).map((v) => (v > 0 ? v : 0.1 * v))
  return plus(x, dense(w, `${name}.down`, up))
}

const startTokens = (
  { config, parameters: w }: ExtractedGenerator,
  z: readonly number[],
  condition: readonly number[],
): number[][] => {
  if (config.form === 'residual') return [dense(w, 'embed', [...z, ...condition])]
  const share = config.latent / config.tokens
  const modes = Array.from({ length: config.tokens }, (_, t) =>
    plus(
      dense(w, 'embed', z.slice(t * share, (t + 1) * share)),
      Array.from(w.position.subarray(t * config.width, (t + 1) * config.width)),
    ),
  )
  return [...modes, dense(w, 'latent', z), dense(w, 'condition', condition)]
}

/** All of them, or as many as the block has of its hidden units, rounded up. */
const headsOf = ({ config, hidden }: ExtractedGenerator, block: number): number =>
  config.nestedHeads ? Math.ceil((config.heads * hidden[block]) / config.hidden) : config.heads

export const plainGenerator = (g: ExtractedGenerator, z: readonly number[], condition: readonly number[]): number[] => {
  const { config, parameters: w } = g
  let tokens = startTokens(g, z, condition)
  for (let b = 0; b < config.blocks; b++) {
    if (config.form === 'transformer') {
      const normed = tokens.map((t) => norm(w, `block${b}.attention.norm`, t))
      const moved = attention(w, `block${b}.attention`, normed, headsOf(g, b))
      tokens = tokens.map((t, i) => plus(t, moved[i]))
    }
    tokens = tokens.map((t) => feedForward(w, `block${b}`, t))
  }
  const read = config.form === 'transformer' ? tokens.slice(0, config.tokens) : tokens
  return plus(
    z.map((v, k) => 10 * v * w['head.skip'][k]),
    read.flatMap((t) => dense(w, 'head', norm(w, 'head.norm', t))),
  )
}
