import type { Finding } from './station-timeline.ts'

export interface FindingChange extends Finding {
  isOver: boolean
}

export interface OpenFindings {
  /** What is to be said of a rule's findings in this poll: those that began, those that are over, and daily those that last. */
  update: (rule: string, findings: readonly Finding[], polledAt: number) => FindingChange[]
}

const DAY_MS = 24 * 60 * 60 * 1000

/** Says what changes: a station that is stuck for a week is a record when it begins, one a day, and one when it ends. */
export const createOpenFindings = (): OpenFindings => {
  const byRule = new Map<string, { at: number; open: ReadonlyMap<string, Finding> }>()
  return {
    update(rule, findings, polledAt) {
      const before = byRule.get(rule)
      const open = new Map(findings.map((finding) => [finding.stationId, finding]))
      byRule.set(rule, { at: polledAt, open })
      const isNewDay = before !== undefined && Math.floor(polledAt / DAY_MS) > Math.floor(before.at / DAY_MS)
      const told = findings.filter(({ stationId }) => isNewDay || !before?.open.has(stationId))
      const over = [...(before?.open.values() ?? [])].filter(({ stationId }) => !open.has(stationId))
      return [
        ...told.map((finding) => ({ ...finding, isOver: false })),
        ...over.map(({ stationId }) => ({ stationId, actual: 'nothing any more', isOver: true })),
      ]
    },
  }
}
