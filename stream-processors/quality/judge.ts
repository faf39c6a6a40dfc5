import type { QualityStatus } from '@velocast/schemas'
import type { Rule } from './rule.ts'

export interface Verdict {
  status: QualityStatus
  /** What the rule wants, in words. */
  expected: string
  /** What was found, in words. */
  actual: string
  value: number
}

type Limits = Pick<Rule, 'warnAt' | 'failAt' | 'unit'>

/** What a measured value means under a rule. */
export const judge = ({ warnAt, failAt, unit }: Limits, value: number): Verdict => {
  const isLowBad = failAt !== null && failAt < warnAt
  const reaches = (limit: number): boolean => (isLowBad ? value < limit : value >= limit)
  return {
    status: failAt !== null && reaches(failAt) ? 'FAIL' : reaches(warnAt) ? 'WARN' : 'PASS',
    expected: `${isLowBad ? 'at least' : 'under'} ${warnAt} ${unit}`,
    actual: `${readable(value)} ${unit}`,
    value,
  }
}

const readable = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)))
