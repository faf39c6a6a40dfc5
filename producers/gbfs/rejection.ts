import type { StationRule } from './oddity.ts'

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
