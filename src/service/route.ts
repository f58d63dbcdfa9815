import type { Request, Response } from 'express'
import type { z } from 'zod'
import type { Scope } from '../client/api.ts'

/** Who asks: an API key's owner, or the local user where keys are off. */
export interface Caller {
  readonly owner: string
  readonly scopes: readonly Scope[]
  /** The key's id; null where keys are off. */
  readonly keyId: string | null
  readonly maxActiveJobs: number | null
  readonly maxBytes: number | null
}

/** What a handler gets: path parameters as they are, query and body as their schemas parsed them. */
export interface Ask<Query = unknown, Body = unknown> {
  readonly caller: Caller
  readonly params: Readonly<Record<string, string>>
  readonly query: Query
  readonly body: Body
  readonly request: Request
}

/** What a handler answers: JSON with a status and headers, or `stream`: it writes the response itself. */
export type Answer =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | { readonly stream: (response: Response) => Promise<void> }

export interface RouteResponse {
  readonly description: string
  readonly schema?: z.ZodType
  /** default application/json */
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * One operation of the API as data: the server mounts it and the OpenAPI document shows it, so neither can tell something else
 * than the other.
 */
export interface Route<Query = unknown, Body = unknown> {
  readonly id: string
  readonly method: 'get' | 'post' | 'put' | 'delete'
  /** OpenAPI form: /v1/jobs/{id}; a last {+path} takes several segments. */
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  /** What the caller's key must allow; null: open to all. */
  readonly scope: Scope | null
  readonly query?: z.ZodType<Query>
  readonly body?: {
    /** JSON bodies are parsed with it; without one the handler reads the request's stream itself (meshes). */
    readonly schema?: z.ZodType<Body>
    readonly contentType?: string
    readonly required?: boolean
    /** Runnable requests: every one is executed by a test. */
    readonly examples?: Readonly<Record<string, { readonly summary: string; readonly value: unknown }>>
  }
  readonly responses: Readonly<Record<number, RouteResponse>>
  readonly handle: (ask: Ask<Query, Body>) => Promise<Answer>
}

/** Keeps a route's types together while lists hold them all. */
export const route = <Query, Body>(definition: Route<Query, Body>): Route => definition as unknown as Route
