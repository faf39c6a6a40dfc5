import type { Alert } from '@velocast/schemas'

export const POLLS_STOPPED = 'polls-stopped'

/** Nobody polls the system: said by the clock, since a producer that is down leaves nothing in the log. */
export const pollsStopped = (systemId: string, missedAt: number): Alert => ({
  systemId,
  alert: POLLS_STOPPED,
  raisedAt: missedAt,
  severity: 'CRITICAL',
  resolved: false,
  summary: `${systemId}: polls have stopped`,
  action: 'See whether the producer runs, and whether the broker lets it write; `velocast start` starts it.',
  resolvedAt: null,
})
