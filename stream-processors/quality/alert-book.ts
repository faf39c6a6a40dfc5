/**
 * Which alerts are open, and when one is raised or over. What has been raised is known from the alerts themselves, by
 * their times: whoever takes over, wherever in the log it begins again, raises nothing a second time.
 */
import type { Alert } from '@velocast/schemas'
import type { Verdict } from './judge.ts'
import type { Rule } from './rule.ts'

export interface AlertBook {
  /** Takes in an alert that has been published, by whomever, or is about to be. Returns whether it is news. */
  know: (alert: Alert) => boolean
  /** Whether an alert of this name and moment is known. */
  has: (alert: Pick<Alert, 'alert' | 'raisedAt'>) => boolean
  /** What follows from a verdict of the moment `at`: an alert, the end of one, or nothing. */
  judged: (rule: Rule, verdict: Verdict, at: number) => Alert | null
}

interface Streak {
  failingSince: number | null
  passingSince: number | null
}

const MINUTE_MS = 60_000
/** Alerts that were over so long before are of no use any more. */
const KEPT_MS = 100 * 24 * 60 * MINUTE_MS

export const alertNameOf = (rule: Pick<Rule, 'name'>): string => `quality-${rule.name}`

export const createAlertBook = (systemId: string): AlertBook => {
  /** By name, then by the moment they were raised. */
  const alerts = new Map<string, Map<number, Alert>>()
  const streaks = new Map<string, Streak>()

  const know = (alert: Alert): boolean => {
    const ofName = alerts.get(alert.alert) ?? new Map<number, Alert>()
    alerts.set(alert.alert, ofName)
    const known = ofName.get(alert.raisedAt)
    // The end of an alert may be known before its beginning comes back to whoever published both.
    if (known && (known.resolved || !alert.resolved)) return false
    ofName.set(alert.raisedAt, alert)
    for (const { raisedAt } of ofName.values())
      if (raisedAt < alert.raisedAt - KEPT_MS) ofName.delete(raisedAt)
    return true
  }

  const openAt = (name: string, at: number): Alert | null => {
    for (const alert of alerts.get(name)?.values() ?? [])
      if (alert.raisedAt < at && (!alert.resolved || (alert.resolvedAt ?? 0) >= at)) return alert
    return null
  }

  const resolve = (name: string, at: number): Alert | null => {
    const open = openAt(name, at)
    return open && { ...open, resolved: true, resolvedAt: at }
  }

  return {
    know,
    has: ({ alert, raisedAt }) => alerts.get(alert)?.has(raisedAt) ?? false,
    judged(rule, { status, expected, actual }, at) {
      if (!rule.alert) return null
      const name = alertNameOf(rule)
      const streak = streaks.get(name) ?? { failingSince: null, passingSince: null }
      streaks.set(name, streak)
      if (status !== 'FAIL') {
        streak.failingSince = null
        streak.passingSince ??= at
        return at - streak.passingSince >= rule.alert.clearAfterMinutes * MINUTE_MS ? resolve(name, at) : null
      }
      streak.passingSince = null
      streak.failingSince ??= at
      if (at - streak.failingSince < rule.alert.afterMinutes * MINUTE_MS || openAt(name, at)) return null
      return {
        systemId,
        alert: name,
        raisedAt: at,
        severity: rule.alert.severity,
        resolved: false,
        summary: `${systemId}: "${rule.title}" fails: ${actual}, should be ${expected}`,
        action: rule.whatToDo,
        resolvedAt: null,
      }
    },
  }
}
