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

export interface Veto {
  reason: string
  /** How many findings there are (`vetoes`), and the share of failures in each. */
  figures: Record<string, number>
}

/** Why the data must not be trained on; null: it may be. */
export const decideVeto = (records: readonly RuleRecord[], limits: VetoLimits): Veto | null => {
  const findings = records.flatMap(({ rule, judged, failed, judgedLastDay, failedLastDay }) => [
    ...findIn(rule, failedLastDay, judgedLastDay, limits.lastDayShare, 'the last day', limits),
    ...findIn(rule, failed, judged, limits.historyShare, 'the history', limits),
  ])
  if (findings.length === 0) return null
  return {
    reason:
      `vetoed by the quality of the data: ${findings.map(({ words }) => words).join('; ')}. \`velocast quality\` says ` +
      'what to do; ask again once it is mended, or turn the rule off for the system in the systems file',
    figures: {
      vetoes: findings.length,
      ...Object.fromEntries(findings.map(({ figure, share }) => [figure, share])),
    },
  }
}

interface Finding {
  words: string
  figure: string
  share: number
}

const findIn = (
  rule: string,
  failed: number,
  judged: number,
  allowed: number,
  span: string,
  { leastJudged }: VetoLimits,
): Finding[] => {
  const share = failed / judged
  if (judged < leastJudged || share <= allowed) return []
  const words = `${rule} failed in ${percent(share)} of ${judged} checks of ${span}, where ${percent(allowed)} are allowed`
  return [{ words, figure: `failed_share ${rule}, ${span}`, share }]
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`
