/** Pieces of a WebAssembly module written by hand: kernels that need 128-bit vectors, which plain JavaScript has not. */

/** One module imports its memory as this. */
const MEMORY = ['e', 'm'] as const
const PAGE_BYTES = 65536

export const I32 = 0x7f
export const F32 = 0x7d
export const V128 = 0x7b
export type ValueType = typeof I32 | typeof F32 | typeof V128

// Opcodes: WebAssembly core specification 2.0, chapter 5.
export const END = 0x0b
export const LOOP = [0x03, 0x40]

/** Unsigned LEB128. */
export const leb = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...leb(Math.floor(value / 128))]
/** Signed LEB128 of a 32-bit integer. */
const signedLeb = (value: number): number[] => {
  const [low, rest] = [value & 127, value >> 7]
  const last = (rest === 0 && low < 64) || (rest === -1 && low >= 64)
  return last ? [low] : [low | 128, ...signedLeb(rest)]
}
export const get = (local: number): number[] => [0x20, ...leb(local)]
export const set = (local: number): number[] => [0x21, ...leb(local)]
export const i32 = (value: number): number[] => [0x41, ...signedLeb(value | 0)]
/** local ← local + amount (i32). */
export const advance = (local: number, amount: number): number[] => [...get(local), ...i32(amount), 0x6a, ...set(local)]
/** local ← local − 1, and back to the start of the loop while it is not zero. */
export const countDown = (local: number): number[] => [...get(local), ...i32(1), 0x6b, 0x22, ...leb(local), 0x0d, 0x00]
/** A vector instruction, by its number. */
export const vector = (code: number): number[] => [0xfd, ...leb(code)]
/** Vector load and store at an address on the stack plus a constant; aligned to 8 bytes. */
export const v128Load = (offset = 0): number[] => [...vector(0), 3, ...leb(offset)]
export const v128Store = (offset = 0): number[] => [...vector(11), 3, ...leb(offset)]

const section = (id: number, body: readonly number[]): number[] => [id, ...leb(body.length), ...body]
const text = (word: string): number[] => [word.length, ...Buffer.from(word)]

/** One function without a result. */
export interface WasmFunction {
  readonly parameters: readonly ValueType[]
  /** Numbered after the parameters. */
  readonly locals: readonly ValueType[]
  readonly body: readonly number[]
}

const moduleBytes = ({ parameters, locals, body }: WasmFunction): Uint8Array<ArrayBuffer> => {
  const code = [...leb(locals.length), ...locals.flatMap((type) => [1, type]), ...body, END]
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [1, 0x60, parameters.length, ...parameters, 0]),
    ...section(2, [1, ...MEMORY.flatMap(text), 0x02, 0x00, 0x01]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text('f'), 0x00, 0]),
    ...section(10, [1, ...leb(code.length), ...code]),
  ])
}

// The project compiles without the DOM library, which is where TypeScript keeps WebAssembly's types.
interface WasmApi {
  readonly Memory: new (d: { initial: number }) => { readonly buffer: ArrayBuffer }
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: Record<string, unknown> }
}
const wasm = (globalThis as unknown as { readonly WebAssembly: WasmApi }).WebAssembly

export interface WasmKernel {
  /** The memory that the function works on. Never grown, so that views of it stay. */
  readonly buffer: ArrayBuffer
  readonly call: (...numbers: readonly number[]) => void
}

/** Compiles a function and gives it a memory of its own. */
export const wasmKernel = (source: WasmFunction, bytes: number): WasmKernel => {
  const memory = new wasm.Memory({ initial: Math.max(1, Math.ceil(bytes / PAGE_BYTES)) })
  const { exports } = new wasm.Instance(new wasm.Module(moduleBytes(source)), { [MEMORY[0]]: { [MEMORY[1]]: memory } })
  return { buffer: memory.buffer, call: exports.f as WasmKernel['call'] }
}
