import type { Problem } from '../../numeric/errors.ts'

/** How a process of ours reaches the state: where the data folder is, and the database if it is not the embedded one. */
export interface Place {
  readonly data: string
  readonly databaseUrl: string | null
}

/** What a slot is asked to do. One thing at a time. */
export type SlotOrder =
  | { readonly kind: 'start'; readonly place: Place }
  | { readonly kind: 'chunk'; readonly task: string; readonly setup: string; readonly input: string }
  | { readonly kind: 'drive'; readonly job: string; readonly claim: string }

/** A chunk that a recipe waits for; its input and set-up are in the blob store. */
export interface ChunkOrder {
  readonly folder: string
  readonly path: string
  readonly samples: number
  readonly input: string
}

/** How a recipe ended. */
export type DriveOutcome =
  | { readonly kind: 'finished' }
  | {
      readonly kind: 'suspended'
      readonly stage: string
      readonly total: number
      readonly found: number
      readonly task: string
      readonly setup: string
      readonly chunks: readonly ChunkOrder[]
    }
  | { readonly kind: 'waiting'; readonly stageId: string; readonly reason: string }

export interface Failure {
  /** invalid-input and numerics fail at every attempt alike; the rest is tried again. */
  readonly type: 'invalid-input' | 'numerics' | 'crash'
  readonly message: string
  readonly problems?: readonly Problem[]
}

export type SlotReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'chunk'; readonly sha256: string; readonly size: number; readonly cpu: number }
  | { readonly kind: 'drive'; readonly outcome: DriveOutcome; readonly cpu: number }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly cpu: number }
  | { readonly kind: 'stage'; readonly name: string; readonly total: number; readonly found: number }
  | { readonly kind: 'advance'; readonly name: string; readonly done: number; readonly detail: string }
  | { readonly kind: 'message'; readonly type: 'note' | 'warning'; readonly text: string }
