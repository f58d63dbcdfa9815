import { fullDomainTask } from './full-domain-task.ts'
import { submodelTask } from './submodel-task.ts'
import type { AnyTask } from './task.ts'

/** Everything that may run on a worker, by name. */
export const TASKS: Readonly<Record<string, AnyTask>> = {
  'full-domain': fullDomainTask as unknown as AnyTask,
  submodel: submodelTask as unknown as AnyTask,
}
