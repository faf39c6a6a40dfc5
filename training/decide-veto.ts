/** Whether the data may be trained on, by what the quality rules said of it. */

/** What one rule said of a system's data; only what it can veto counts as failed. */
export interface RuleRecord {
  rule: string
  judged: number
  failed: number
  /** The same of the last 24 hours before the trigger. */
  judgedLastDay: number
  failedLastDay: number
}

export interface VetoLimits {
  /** The share of a rule's judgements over the whole of the history that may fail. */
  historyShare: number
  /** The same of the last day: what is wrong now would be in every lag and rolling mean of the newest rows. */
  lastDayShare: number
  /** Fewer judgements say nothing. */
  leastJudged: number
}

/** Why the data must not be trained on; null: it may be. */
export const decideVeto = (records: readonly RuleRecord[], limits: VetoLimits): string | null => {
  const reasons = records.flatMap(({ rule, judged, failed, judgedLastDay, failedLastDay }) => [
    ...reasonOf(rule, failedLastDay, judgedLastDay, limits.lastDayShare, 'the last day', limits),
    ...reasonOf(rule, failed, judged, limits.historyShare, 'the history', limits),
  ])
  return reasons.length === 0
    ? null
    : `vetoed by the quality of the data: ${reasons.join('; ')}. \`velocast quality\` says what to do; ask again once ` +
        'it is mended, or turn the rule off for the system in the systems file'
}

const reasonOf = (
  rule: string,
  failed: number,
  judged: number,
  allowed: number,
  span: string,
  { leastJudged }: VetoLimits,
): string[] =>
  judged >= leastJudged && failed / judged > allowed
    ? [
        `${rule} failed in ${percent(failed / judged)} of ${judged} checks of ${span}, where ${percent(allowed)} are allowed`,
      ]
    : []

const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`
