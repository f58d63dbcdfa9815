import type { JobKind, JobState } from '../client/api.ts'

/** What is known of a job when its result is handed out. Times are ISO 8601, UTC; hashes are hexadecimal. */
export interface ProvenanceInput {
  readonly job: {
    readonly id: string
    readonly kind: JobKind
    readonly title: string
    readonly owner: string
    readonly createdAt: string
    readonly startedAt: string | null
    readonly endedAt: string | null
    readonly state: JobState
  }
  readonly study: { readonly sha256: string }
  readonly mesh: { readonly name: string; readonly sha256: string }
  /** Jobs whose results it went on from. */
  readonly parents: readonly { readonly id: string; readonly kind: JobKind }[]
  readonly artifacts: readonly { readonly path: string; readonly sha256: string; readonly size: number }[]
  readonly software: { readonly name: string; readonly version: string; readonly numerics: number | string }
  readonly workers?: readonly string[]
  /** The tensor runtime. */
  readonly executor?: string
  readonly seed: number
}

type Typed = { readonly $: string; readonly type: string }
type Attribute = string | Typed
type Attributes = Readonly<Record<string, Attribute | readonly Attribute[]>>
type Records = Readonly<Record<string, Attributes>>

export interface ProvDocument {
  readonly prefix: Readonly<Record<string, string>>
  readonly entity: Records
  readonly activity: Records
  readonly agent: Records
  readonly used: Records
  readonly wasGeneratedBy: Records
  readonly wasAssociatedWith: Records
  readonly actedOnBehalfOf: Records
  readonly wasDerivedFrom: Records
  readonly wasInformedBy: Records
}

/**
 * No web address is this project's to name things in, and documents of different services must agree: jobs are named by their
 * UUID, contents by their hash (RFC 6920), an artifact as a part of its job.
 */
const prefixes = (jobId: string): ProvDocument['prefix'] => ({
  nestwave: 'urn:x-nestwave:',
  user: 'urn:x-nestwave:user:',
  job: 'urn:uuid:',
  sha256: 'ni:///sha-256;',
  artifact: `urn:uuid:${jobId}#`,
})

const integer = (value: number): Typed => ({ $: String(value), type: 'xsd:long' })
const qualified = (name: string): Typed => ({ $: name, type: 'prov:QUALIFIED_NAME' })

/** encodeURIComponent leaves five characters alone that a qualified name may not hold as they are. */
const encoded = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

const contentId = (sha256: string): string => `sha256:${Buffer.from(sha256, 'hex').toString('base64url')}`
const jobId = (id: string): string => `job:${id}`
const userId = (owner: string): string => `user:${encoded(owner)}`
const artifactId = (path: string): string => `artifact:${path.split('/').map(encoded).join('/')}`
const softwareId = ({ name, version }: ProvenanceInput['software']): string =>
  `nestwave:software:${encoded(name)}-${encoded(version)}`

/** Relations have no names of their own; blank ones keep them apart. */
const relations = (name: string, list: readonly Attributes[]): Records =>
  Object.fromEntries(list.map((relation, k) => [`_:${name}${k + 1}`, relation]))

const entities = ({ study, mesh, artifacts }: ProvenanceInput): Records => ({
  [contentId(study.sha256)]: {
    'prov:label': 'study',
    'prov:type': [qualified('prov:Plan'), qualified('nestwave:Study')],
    'nestwave:sha256': study.sha256,
  },
  [contentId(mesh.sha256)]: {
    'prov:label': mesh.name,
    'prov:type': qualified('nestwave:Mesh'),
    'nestwave:sha256': mesh.sha256,
  },
  ...Object.fromEntries(
    artifacts.map(({ path, sha256, size }) => [
      artifactId(path),
      {
        'prov:location': path,
        'prov:type': qualified('nestwave:Artifact'),
        'nestwave:sha256': sha256,
        'nestwave:bytes': integer(size),
      },
    ]),
  ),
})

const activityOf = ({ job, seed, software, workers = [], executor }: ProvenanceInput): Attributes => ({
  ...(job.startedAt === null ? {} : { 'prov:startTime': job.startedAt }),
  ...(job.endedAt === null ? {} : { 'prov:endTime': job.endedAt }),
  'prov:label': job.title,
  'prov:type': qualified(`nestwave:${job.kind}`),
  'nestwave:state': job.state,
  'nestwave:createdAt': { $: job.createdAt, type: 'xsd:dateTime' },
  'nestwave:seed': integer(seed),
  'nestwave:numerics': String(software.numerics),
  ...(executor === undefined ? {} : { 'nestwave:executor': executor }),
  ...(workers.length === 0 ? {} : { 'nestwave:worker': workers }),
})

const activities = (input: ProvenanceInput): Records => ({
  ...Object.fromEntries(
    input.parents.map(({ id, kind }) => [jobId(id), { 'prov:type': qualified(`nestwave:${kind}`) }]),
  ),
  [jobId(input.job.id)]: activityOf(input),
})

const agents = ({ job, software }: ProvenanceInput): Records => ({
  [softwareId(software)]: {
    'prov:label': `${software.name} ${software.version}`,
    'prov:type': qualified('prov:SoftwareAgent'),
    'nestwave:version': software.version,
    'nestwave:numerics': String(software.numerics),
  },
  [userId(job.owner)]: { 'prov:label': job.owner },
})

/** The content that the job took in; its results are derived from both. */
const sourcesOf = ({ study, mesh }: ProvenanceInput): readonly string[] => [
  contentId(study.sha256),
  contentId(mesh.sha256),
]

/**
 * Where a job's results come from: made by the job from its study and mesh, by this software on behalf of the owner, after its
 * parents. The same input gives the same bytes.
 * @source PROV-JSON, W3C Member Submission 24 April 2013, https://www.w3.org/submissions/prov-json/; terms of PROV-DM
 * @verifiedBy test/service/prov.test.ts, test/outside/prov.test.ts (read by the Python package prov)
 */
export const provenanceOf = (input: ProvenanceInput): ProvDocument => {
  const activity = jobId(input.job.id)
  const software = softwareId(input.software)
  const owner = userId(input.job.owner)
  const sources = sourcesOf(input)
  const results = input.artifacts.map(({ path }) => artifactId(path))
  return {
    prefix: prefixes(input.job.id),
    entity: entities(input),
    activity: activities(input),
    agent: agents(input),
    used: relations(
      'used',
      sources.map((entity, k) => ({
        'prov:activity': activity,
        'prov:entity': entity,
        'prov:role': ['study', 'mesh'][k],
      })),
    ),
    wasGeneratedBy: relations(
      'generated',
      results.map((entity) => ({ 'prov:entity': entity, 'prov:activity': activity })),
    ),
    wasAssociatedWith: relations('associated', [
      { 'prov:activity': activity, 'prov:agent': software, 'prov:plan': sources[0], 'prov:role': 'solver' },
      { 'prov:activity': activity, 'prov:agent': owner, 'prov:role': 'owner' },
    ]),
    actedOnBehalfOf: relations('delegated', [
      { 'prov:delegate': software, 'prov:responsible': owner, 'prov:activity': activity },
    ]),
    wasDerivedFrom: relations(
      'derived',
      results.flatMap((generated) =>
        sources.map((used) => ({
          'prov:generatedEntity': generated,
          'prov:usedEntity': used,
          'prov:activity': activity,
        })),
      ),
    ),
    wasInformedBy: relations(
      'informed',
      input.parents.map(({ id }) => ({ 'prov:informed': activity, 'prov:informant': jobId(id) })),
    ),
  }
}
