import type { Request } from 'express'
import { JOB_KINDS, type JobKind, type JobPage, type JobResource, type JobState, type Results } from '../client/api.ts'
import type { Caller } from './route.ts'

export const OGC_TAG = 'OGC API - Processes'
export const JSON_TYPE = 'application/json'

/** How a client wants results: themselves, or in a document by the name of the output. */
export type ResponseForm = 'raw' | 'document'

export interface OgcPageQuery {
  readonly limit: number
  readonly cursor?: string
  readonly state?: JobState
  readonly kind?: JobKind
}

/** The jobs behind the standard. An id that is not the caller's is refused with 404. */
export interface OgcHost {
  /**
   * @param inputs fields of a job request (study, parent, set, …)
   * @param form what {@link responseForm} will be asked for
   * @throws InvalidInput with paths that start at a field
   */
  create(
    caller: Caller,
    kind: JobKind,
    inputs: Record<string, unknown>,
    request: Request,
    form: ResponseForm,
  ): Promise<JobResource>
  get(caller: Caller, id: string): Promise<JobResource>
  list(caller: Caller, query: OgcPageQuery): Promise<JobPage>
  results(caller: Caller, id: string): Promise<Results>
  dismiss(caller: Caller, id: string): Promise<JobResource>
  /** The form that the job was created with. A host that does not remember has documents only. */
  responseForm?(caller: Caller, id: string): Promise<ResponseForm>
}

export interface OgcOptions {
  /** Address of the service as clients know it; default: as the request has it. */
  readonly baseUrl?: string
}

/** A Host header is the client's to write: what is no host makes links relative. */
export const baseOf = ({ baseUrl }: OgcOptions, request: Request): string => {
  if (baseUrl !== undefined) return baseUrl.replace(/\/+$/, '')
  const host = request.get('host') ?? ''
  return /^[\w.:[\]-]{1,255}$/.test(host) ? `${request.protocol}://${host}${request.baseUrl}` : request.baseUrl
}

export const isKind = (text: string): text is JobKind => (JOB_KINDS as readonly string[]).includes(text)
