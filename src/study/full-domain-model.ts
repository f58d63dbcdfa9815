import { cellCount, type Mesh } from '../mesh/mesh.ts'
import { InvalidInput } from '../numeric/errors.ts'
import { runFullDomain } from '../wave/full-domain.ts'
import { quantityUnit } from '../wave/quantity.ts'
import { CRACK_SIZE, crackFromVector } from './defect.ts'
import { type Domain, domainOf, fullDomainOf } from './domain.ts'
import { LOAD_SIZE, loadFromVector, loadNames } from './load-vector.ts'
import type { ModulusField } from './modulus-field.ts'
import { shown } from './problems.ts'
import type { Study } from './schema.ts'
import { checkVectors, quantitiesOfRun, type VectorModel } from './vector-model.ts'

/** A study on its mesh for one sample at a time: lanes change the speed, never the bits. */
export const oneLane = (study: Study, mesh: Mesh): Domain => {
  const domain = domainOf(study, mesh)
  return { ...domain, spec: { ...domain.spec, lanes: 1 } }
}

export const quantityNames = ({ quantities }: Study): string =>
  quantities.map((quantity) => `${quantity.name} (${quantityUnit(quantity)})`).join(', ')

const checkNoConfig = (config: Readonly<Record<string, unknown>>): void => {
  const problems = Object.keys(config).map((key) => ({
    path: `config.${key}`,
    expected: 'no such key (a full-domain run has no options)',
    received: shown(config[key]),
  }))
  if (problems.length > 0) throw new InvalidInput(problems)
}

/** out [cells] ← factors of the field for the standard normals ξ. */
const factorInto = (out: Float64Array, field: ModulusField, normals: readonly number[]): void => {
  field.factorInto(out, Float64Array.from(normals))
  if (out.every((factor) => factor > 0 && factor < Number.POSITIVE_INFINITY)) return
  throw InvalidInput.of('input[1]', 'standard normals whose moduli are finite and > 0', 'a field beyond any double')
}

/**
 * The full domain as a function of θ = [amplitude, arrival, position, width] (SI) and, where the study has a random modulus, the
 * standard normals ξ of its Karhunen-Loève terms; where it has a defect, centre and length of the crack, length 0 for none. The
 * load acts as given, as in a held-out run.
 * @verifiedBy test/study/vector-models.test.ts
 */
export const fullDomainModel = (study: Study, mesh: Mesh): VectorModel => {
  const domain = oneLane(study, mesh)
  const full = fullDomainOf(domain)
  const { field } = domain
  const factor = field === null ? null : new Float64Array(cellCount(mesh))
  const { defect } = study.uncertainty
  const inputSizes = [
    LOAD_SIZE,
    ...(field === null ? [] : [field.count]),
    ...(defect === undefined ? [] : [CRACK_SIZE]),
  ]
  return {
    inputSizes,
    outputSizes: [study.quantities.length],
    inputNames: [
      loadNames(study),
      ...(field === null ? [] : [`modulus field: ${field.count} standard normals`]),
      ...(defect === undefined ? [] : ['crack: centre (m), length (m; 0 for none)']),
    ],
    outputNames: [quantityNames(study)],
    evaluate: async (input, config) => {
      checkNoConfig(config)
      const vectors = checkVectors(input, inputSizes)
      const load = [loadFromVector(study, vectors[0], 'input[0]')]
      if (factor !== null) factorInto(factor, field!, vectors[1])
      const last = vectors.length - 1
      const hidden = defect === undefined ? {} : { cracks: [crackFromVector(defect, vectors[last], `input[${last}]`)] }
      return [quantitiesOfRun(runFullDomain(full, { count: 1, load, modulusFactor: factor, ...hidden }))]
    },
    release: async () => {},
  }
}
