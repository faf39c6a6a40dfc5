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

export const isLowBad = ({ warnAt, failAt }: Pick<Rule, 'warnAt' | 'failAt'>): boolean =>
  failAt !== null && failAt < warnAt

/** What a measured value means under a rule. */
export const judge = ({ warnAt, failAt, unit }: Limits, value: number): Verdict => {
  const isLow = isLowBad({ warnAt, failAt })
  const reaches = (limit: number): boolean => (isLow ? value < limit : value >= limit)
  return {
    status: failAt !== null && reaches(failAt) ? 'FAIL' : reaches(warnAt) ? 'WARN' : 'PASS',
    expected: `${isLow ? 'at least' : 'under'} ${warnAt} ${unit}`,
    actual: `${readable(value)} ${unit}`,
    value,
  }
}

const readable = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)))
