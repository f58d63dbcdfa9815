import { type Compile, type OnnxruntimeFlavour, onnxruntimeCompile, sessionOptions } from './onnxruntime-session.ts'

/** Every node on the adapter or no session: a node left to the processor would be a silent fallback. */
const flavour = (): OnnxruntimeFlavour => {
  const options = sessionOptions('webgpu', 1)
  const session = { ...(options.extra?.session as object), disable_cpu_ep_fallback: '1' }
  return { session: { ...options, extra: { session } }, fillsOutputs: true }
}

/**
 * Compiles to ONNX and runs it by ONNX Runtime on a WebGPU adapter. Constants (a sampler's weights) stay on the adapter; feeds
 * go there and results come back with every run: `getData()` of a result that stays there ends the process.
 */
export const webgpuCompiler = async (): Promise<Compile> => {
  const ort = await import('onnxruntime-node')
  return (outputs) => onnxruntimeCompile(ort, flavour(), outputs)
}
