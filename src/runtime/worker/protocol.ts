import type { FailureReason, Problem } from '../../numeric/errors.ts'
import type { Study } from '../../study/schema.ts'

/** How a process of ours reaches the state: where the data folder is, and the database if it is not the embedded one. */
export interface Place {
  readonly data: string
  readonly databaseUrl: string | null
}

/** What the service wants to know at once; computed in a process of its own, never in the one that answers requests. */
export type Question =
  | {
      readonly ask: 'validate'
      readonly study: Study
      readonly meshName: string
      readonly meshSha256: string
      /** Workers to reckon the cost for; null: no cost. */
      readonly workers: number | null
    }
  | { readonly ask: 'mesh'; readonly name: string; readonly sha256: string }
  | { readonly ask: 'vector-sizes'; readonly job: string; readonly model: VectorModelName }
  | {
      readonly ask: 'vector'
      readonly job: string
      readonly model: VectorModelName
      readonly input: readonly (readonly number[])[]
      readonly config: Readonly<Record<string, unknown>>
    }
export type VectorModelName = 'full-domain' | 'submodel'

/** What a slot is asked to do. One thing at a time. */
export type SlotOrder =
  | { readonly kind: 'start'; readonly place: Place }
  | { readonly kind: 'chunk'; readonly task: string; readonly setup: string; readonly input: string }
  | { readonly kind: 'drive'; readonly job: string; readonly claim: string }
  | { readonly kind: 'question'; readonly question: Question }

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
  /** invalid-input and numerics fail at every attempt alike; a crash is tried again; an outage of the database counts as no attempt. */
  readonly type: 'invalid-input' | 'numerics' | 'crash' | 'outage'
  readonly message: string
  readonly problems?: readonly Problem[]
  /** Of numerics. */
  readonly reason?: FailureReason
}

export type SlotReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'chunk'; readonly sha256: string; readonly size: number; readonly cpu: number }
  | { readonly kind: 'drive'; readonly outcome: DriveOutcome; readonly cpu: number }
  | { readonly kind: 'answer'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly cpu: number }
  | { readonly kind: 'stage'; readonly name: string; readonly total: number; readonly found: number }
  | { readonly kind: 'advance'; readonly name: string; readonly done: number; readonly detail: string }
  | { readonly kind: 'message'; readonly type: 'note' | 'warning'; readonly text: string }
