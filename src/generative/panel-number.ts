/** One judged number, as reports show it. */
export interface PanelNumber {
  readonly key: string
  readonly label: string
  readonly value: number
  readonly unit: string
  readonly interval?: readonly [number, number]
  readonly note?: string
}
