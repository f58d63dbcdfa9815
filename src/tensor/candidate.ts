import type { Compile } from './onnxruntime-session.ts'

/** An executor that has loaded and may take the self-test. */
export interface Candidate {
  readonly compile: Compile
  /** What else the report should say of it: the adapter it runs on. */
  readonly note?: string
}

/** Why there is no candidate. */
export interface Refusal {
  readonly outcome: 'not-installed' | 'no-hardware' | 'failed-to-load' | 'failed-self-test'
  /** One sentence for the report. */
  readonly detail: string
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
