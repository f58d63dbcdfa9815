import type { TraceModel } from './trace-model.ts'

/** A fitted model and the plain data that it was made of: numbers, strings and typed arrays, nothing else. */
export interface SavedModel<State extends ModelState> extends TraceModel {
  readonly state: State
}

/** `kind` finds the model's loader; the rest is the model's own. */
export interface ModelState {
  readonly kind: string
}
