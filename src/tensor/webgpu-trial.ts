import type { Refusal } from './candidate.ts'
import { messageOf } from './candidate.ts'
import { selfTestFailure } from './self-test.ts'
import { webgpuCompiler } from './webgpu-session.ts'

/** What the trial process says on its last line. */
export type TrialVerdict = Refusal | { readonly outcome: 'passed' }

/** "…/webgpu_context.cc:136 …::Initialize(…) status == Success was false. No supported adapters": the last sentence. */
const reasonOf = (error: unknown): string =>
  messageOf(error)
    .replace(/^[\s\S]* was false\.\s*/, '')
    .trim()

const verdict = async (): Promise<TrialVerdict> => {
  try {
    const failure = await selfTestFailure(await webgpuCompiler())
    return failure === undefined ? { outcome: 'passed' } : { outcome: 'failed-self-test', detail: failure }
  } catch (error) {
    return { outcome: 'failed-to-load', detail: reasonOf(error) }
  }
}

process.stdout.write(`\n${JSON.stringify(await verdict())}\n`)
