/** What a run reports. Both the full domain and the submodel measure the same quantities with the same code. */
export type Quantity =
  | {
      readonly name: string
      readonly kind: 'peak-von-mises'
      /** The cell that contains the point, or the largest over a named group (cells of it, or cells touching its facets). */
      readonly at: { readonly point: readonly [number, number] } | { readonly group: string }
    }
  | {
      readonly name: string
      readonly kind: 'peak-displacement'
      readonly at: { readonly point: readonly [number, number] }
      readonly component: 'x' | 'y' | 'magnitude'
    }
  | {
      /** First time at which |u| reaches `fraction` of its own peak, interpolated linearly between steps. */
      readonly name: string
      readonly kind: 'arrival-time'
      readonly at: { readonly point: readonly [number, number] }
      readonly component: 'x' | 'y' | 'magnitude'
      readonly fraction: number
    }

export const quantityUnit = (q: Quantity): 'Pa' | 'm' | 's' =>
  q.kind === 'peak-von-mises' ? 'Pa' : q.kind === 'peak-displacement' ? 'm' : 's'
