/** Why one station's entry cannot be used. A closed list, so that it can be a metric's label. */
export type StationRule =
  | 'not-an-object'
  | 'no-station-id'
  | 'no-bikes'
  | 'no-position'
  | 'not-a-number'
  | 'negative'
  | 'not-an-integer'
  | 'too-large'

export interface StationRejection {
  /** Empty where the entry does not say. */
  stationId: string
  rule: StationRule
  /** Field and value, in words. */
  detail: string
}

/** A value that cannot be true. */
export class Impossible {
  readonly rule: StationRule
  readonly detail: string

  constructor(rule: StationRule, detail: string) {
    this.rule = rule
    this.detail = detail
  }
}
