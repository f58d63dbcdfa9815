import { describe, expect, it } from 'vitest'
import { type ProvenanceInput, provenanceOf } from '../../src/service/prov.ts'

const STUDY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const MESH = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'

const input: ProvenanceInput = {
  job: {
    id: '0b5f5c3e-8f0e-4b52-9a44-3f5a3c1f7d10',
    kind: 'estimate',
    title: 'Plate with a hole',
    owner: 'ada',
    createdAt: '2025-03-01T10:00:00.000Z',
    startedAt: '2025-03-01T10:00:01.000Z',
    endedAt: '2025-03-01T10:05:00.000Z',
    state: 'succeeded',
  },
  study: { sha256: STUDY },
  mesh: { name: 'plate.msh', sha256: MESH },
  parents: [{ id: '5a0c33a4-93a4-4f70-9a0e-6f5b5a6f0c11', kind: 'training' }],
  artifacts: [
    { path: 'report.json', sha256: '1'.repeat(64), size: 1234 },
    { path: 'estimate/gan/chunks/0-64.bin', sha256: '1'.repeat(64), size: 2 ** 40 },
  ],
  software: { name: 'nestwave', version: '0.1.0', numerics: 3 },
  workers: ['one', 'two'],
  executor: 'onnxruntime',
  seed: 42,
}
const document = provenanceOf(input)
const JOB = 'job:0b5f5c3e-8f0e-4b52-9a44-3f5a3c1f7d10'
/** RFC 6920: the hash in base64url. The empty text's is well known. */
const STUDY_ID = 'sha256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'
const MESH_ID = 'sha256:ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0'

/** Everything that names something else: identifiers of records, their relations' ends, qualified values. */
const namesIn = (value: unknown): readonly string[] =>
  Object.entries(value as object).flatMap(([key, inner]) => [key, ...(typeof inner === 'object' ? namesIn(inner) : [])])

describe('the provenance of a job', () => {
  it('names the study and mesh by content and artifacts by place', () => {
    expect(Object.keys(document.entity)).toEqual([
      STUDY_ID,
      MESH_ID,
      'artifact:report.json',
      'artifact:estimate/gan/chunks/0-64.bin',
    ])
    expect(document.entity['artifact:estimate/gan/chunks/0-64.bin']).toMatchObject({
      'prov:location': 'estimate/gan/chunks/0-64.bin',
      'nestwave:sha256': '1'.repeat(64),
      'nestwave:bytes': { $: '1099511627776', type: 'xsd:long' },
    })
    expect(document.prefix.artifact).toBe('urn:uuid:0b5f5c3e-8f0e-4b52-9a44-3f5a3c1f7d10#')
  })

  it('tells the job, its times and what fixes its numbers', () => {
    expect(document.activity[JOB]).toMatchObject({
      'prov:startTime': '2025-03-01T10:00:01.000Z',
      'prov:endTime': '2025-03-01T10:05:00.000Z',
      'prov:label': 'Plate with a hole',
      'nestwave:seed': { $: '42', type: 'xsd:long' },
      'nestwave:numerics': '3',
      'nestwave:executor': 'onnxruntime',
      'nestwave:worker': ['one', 'two'],
    })
  })

  it('relates them', () => {
    const values = (records: object) => Object.values(records)
    expect(values(document.used)).toEqual([
      { 'prov:activity': JOB, 'prov:entity': STUDY_ID, 'prov:role': 'study' },
      { 'prov:activity': JOB, 'prov:entity': MESH_ID, 'prov:role': 'mesh' },
    ])
    expect(values(document.wasGeneratedBy)).toEqual([
      { 'prov:entity': 'artifact:report.json', 'prov:activity': JOB },
      { 'prov:entity': 'artifact:estimate/gan/chunks/0-64.bin', 'prov:activity': JOB },
    ])
    expect(values(document.wasAssociatedWith)).toMatchObject([
      { 'prov:activity': JOB, 'prov:agent': 'nestwave:software:nestwave-0.1.0', 'prov:plan': STUDY_ID },
      { 'prov:activity': JOB, 'prov:agent': 'user:ada' },
    ])
    expect(values(document.wasDerivedFrom)).toHaveLength(4)
    expect(values(document.wasInformedBy)).toEqual([
      { 'prov:informed': JOB, 'prov:informant': 'job:5a0c33a4-93a4-4f70-9a0e-6f5b5a6f0c11' },
    ])
  })

  it('relates nothing that it does not tell of', () => {
    const known = new Set([document.entity, document.activity, document.agent].flatMap(Object.keys))
    const { prefix, entity, activity, agent, ...kinds } = document
    const ends = Object.values(kinds)
      .flatMap((records) => Object.values(records))
      .flatMap((relation) => Object.entries(relation))
      .filter(([name]) => name !== 'prov:role')
      .map(([, end]) => end as string)
    expect(ends.length).toBeGreaterThan(15)
    expect(ends.filter((end) => !known.has(end))).toEqual([])
  })

  it('uses no prefix that it does not declare', () => {
    const declared = new Set(['prov', 'xsd', '_', ...Object.keys(document.prefix)])
    const { prefix, ...rest } = document
    const used = new Set(
      namesIn(rest)
        .filter((name) => name.includes(':'))
        .map((name) => name.split(':')[0]),
    )
    expect([...used].filter((name) => !declared.has(name))).toEqual([])
  })

  it('leaves out what is not known yet', () => {
    const { workers, executor, ...less } = input
    const waiting = provenanceOf({
      ...less,
      parents: [],
      artifacts: [],
      job: { ...input.job, state: 'queued', startedAt: null, endedAt: null },
    })
    const names = Object.keys(waiting.activity[JOB])
    for (const name of ['prov:startTime', 'prov:endTime', 'nestwave:executor', 'nestwave:worker'])
      expect(names).not.toContain(name)
    expect(waiting.wasGeneratedBy).toEqual({})
    expect(waiting.wasInformedBy).toEqual({})
  })

  it('puts no character into a name that a name cannot hold', () => {
    const odd = provenanceOf({
      ...input,
      job: { ...input.job, owner: "o'Neil (α): ada@example.org \ud800" },
      artifacts: [{ path: 'a b/#1?.bin', sha256: '2'.repeat(64), size: 0 }],
    })
    const names = [...Object.keys(odd.agent), ...Object.keys(odd.entity)]
    expect(names).toContain('artifact:a%20b/%231%3F.bin')
    expect(names.filter((name) => !/^\w+:[\w.:/%~-]+$/.test(name))).toEqual([])
  })

  it('gives the same bytes for the same input', () => {
    expect(JSON.stringify(provenanceOf(structuredClone(input)))).toBe(JSON.stringify(document))
  })
})
