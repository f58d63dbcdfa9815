import { execFileSync, spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { type ProvenanceInput, provenanceOf } from '../../src/service/prov.ts'
import { skipped } from './skip.ts'

/** The system's Python first: it knows Debian's python3-prov. */
const python = ['/usr/bin/python3', 'python3'].find(
  (program) => spawnSync(program, ['-c', 'import prov.model']).status === 0,
)

/** Reads a document from standard input; answers what it understood, and whether it comes back equal after a round trip. */
const READER = `
import json, sys
from prov.model import ProvDocument
document = ProvDocument.deserialize(content=sys.stdin.read(), format='json')
again = ProvDocument.deserialize(content=document.serialize(format='json'), format='json')
records = document.get_records()
kinds = {}
for record in records:
    name = record.get_type().localpart
    kinds[name] = kinds.get(name, 0) + 1
values = {str(attribute): str(value) for record in records for attribute, value in record.extra_attributes}
json.dump({
    'same': document == again,
    'kinds': kinds,
    'bytes': values['nestwave:bytes'],
    'seed': values['nestwave:seed'],
    'types': sorted({str(t) for r in records for t in r.get_asserted_types()}),
    'unresolved': [str(r) for r in records if any(v is None for _, v in r.formal_attributes[:2]) and r.is_relation()],
    'uris': [r.identifier.uri for r in records if r.is_element()],
    'times': [t.isoformat() for r in records for n, t in r.formal_attributes if n.localpart.endswith('Time') and t],
    'provn': document.get_provn(),
}, sys.stdout)
`

const JOB = '0b5f5c3e-8f0e-4b52-9a44-3f5a3c1f7d10'
const input: ProvenanceInput = {
  job: {
    id: JOB,
    kind: 'run',
    title: 'Plate with a "hole", α',
    owner: "ada (o'Neil) <ada@example.org>",
    createdAt: '2025-03-01T10:00:00.000Z',
    startedAt: '2025-03-01T10:00:01.250Z',
    endedAt: '2025-03-01T10:05:00.000Z',
    state: 'succeeded',
  },
  study: { sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' },
  mesh: { name: 'plate.msh', sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' },
  parents: [{ id: '5a0c33a4-93a4-4f70-9a0e-6f5b5a6f0c11', kind: 'training' }],
  artifacts: [
    { path: 'report.json', sha256: '1'.repeat(64), size: 7 },
    { path: 'a b/(1)#.bin', sha256: '2'.repeat(64), size: 2 ** 40 },
  ],
  software: { name: 'nestwave', version: '0.1.0', numerics: 3 },
  workers: ['one', 'two'],
  executor: 'onnxruntime',
  seed: 2 ** 52,
}

it('provenance is read by the Python package prov', ({ skip }) => {
  if (python === undefined) {
    skipped('provenance (Python with prov)')
    return skip()
  }
  const read = JSON.parse(
    execFileSync(python, ['-c', READER], { input: JSON.stringify(provenanceOf(input)), encoding: 'utf8' }),
  )
  expect(read.same).toBe(true)
  expect(read.kinds).toEqual({
    Entity: 4,
    Activity: 2,
    Agent: 2,
    Usage: 2,
    Generation: 2,
    Association: 2,
    Delegation: 1,
    Derivation: 4,
    Communication: 1,
  })
  expect(read.unresolved).toEqual([])
  expect([read.bytes, read.seed]).toEqual([String(2 ** 40), String(2 ** 52)])
  expect(read.types).toContain('prov:SoftwareAgent')
  expect(read.uris).toContain('ni:///sha-256;47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU')
  expect(read.uris).toContain(`urn:uuid:${JOB}#a%20b/%281%29%23.bin`)
  expect(read.times).toEqual(['2025-03-01T10:00:01.250000+00:00', '2025-03-01T10:05:00+00:00'])
  expect(read.provn).toContain(`wasInformedBy(job:${JOB}, job:5a0c33a4-93a4-4f70-9a0e-6f5b5a6f0c11)`)
})
