import { type Compile, onnxruntimeCompile, sessionOptions } from './onnxruntime-session.ts'

/**
 * Compiles to ONNX and runs it by ONNX Runtime on the CPU. Outputs are written into the given memory without a copy. Equal
 * feeds give equal bits in every run and every session of one CPU model. A run costs about 14 µs and 4 µs per pair of
 * input and output: one flat parameter vector, cut into slices, is cheaper to feed than many small arrays.
 * @param threads of one operator
 */
export const onnxruntimeCompiler = async (threads: number): Promise<Compile> => {
  const ort = await import('onnxruntime-node')
  // Instance norms are not shared between threads, layer norms are.
  const flavour = {
    session: sessionOptions('cpu', threads),
    yields: true,
    fillsOutputs: true,
    instanceNorms: threads === 1,
  }
  return (outputs) => onnxruntimeCompile(ort, flavour, outputs)
}
