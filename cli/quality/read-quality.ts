/** What the quality rules said of a system, from the table data_quality, and the alerts that are open. */
import type { Database } from '@velocast/db'

export type QualityVerdict = 'PASS' | 'WARN' | 'FAIL'

export interface RuleReport {
  rule: string
  /** The newest verdict. */
  status: QualityVerdict
  worst: QualityVerdict
  checkedAt: number
  expected: string | null
  actual: string | null
  /** What to do; null where it passes. */
  detail: string | null
  vetoesTraining: boolean
  checks: number
  passed: number
}

export interface StationReport {
  stationId: string
  /** What is wrong with it now. */
  findings: { rule: string; actual: string | null; checkedAt: number }[]
}

export interface AlertReport {
  alert: string
  severity: string
  raisedAt: number
  summary: string
  action: string
}

export interface QualityReport {
  systemId: string
  /** From this moment on. */
  since: number
  rules: RuleReport[]
  /** Those with findings, the most first. */
  stations: StationReport[]
  openAlerts: AlertReport[]
}

const DAY_MS = 24 * 60 * 60 * 1000
/** A finding that lasts is said once a day: in so long, each has been said. */
const FINDINGS_SINCE_MS = DAY_MS + 2 * 60 * 60 * 1000

export const readQuality = async (
  database: Database,
  { systemId, since, now }: { systemId: string; since: number; now: number },
): Promise<QualityReport> => ({
  systemId,
  since,
  rules: await readRules(database, systemId, since),
  stations: await readStations(database, systemId, Math.min(since, now - FINDINGS_SINCE_MS)),
  openAlerts: await readOpenAlerts(database, systemId),
})

/** Whether something fails now, by the newest verdicts or by an alert that a person should be woken for. */
export const failsNow = ({ rules, openAlerts }: QualityReport): boolean =>
  rules.some(({ status }) => status === 'FAIL') || openAlerts.some(({ severity }) => severity === 'CRITICAL')

const readRules = async (database: Database, systemId: string, since: number): Promise<RuleReport[]> => {
  const { rows } = await database.query<RuleReport>(
    `select rule, status, worst, checked_at as "checkedAt", expected, actual, detail,
       vetoes_training as "vetoesTraining", checks, passed
     from (
       select distinct on (rule) rule, status, checked_at, expected, actual, detail, vetoes_training
       from data_quality where system_id = $1 and station_id is null and checked_at > $2
       order by rule, checked_at desc
     ) as newest
     join (
       select rule, count(*)::int as checks, count(*) filter (where status = 'PASS')::int as passed,
         case when bool_or(status = 'FAIL') then 'FAIL' when bool_or(status = 'WARN') then 'WARN' else 'PASS' end as worst
       from data_quality where system_id = $1 and station_id is null and checked_at > $2
       group by rule
     ) as counted using (rule)
     order by case status when 'FAIL' then 0 when 'WARN' then 1 else 2 end,
       case worst when 'FAIL' then 0 when 'WARN' then 1 else 2 end, rule`,
    [systemId, new Date(since)],
  )
  return rows
}

const readStations = async (
  database: Database,
  systemId: string,
  since: number,
): Promise<StationReport[]> => {
  const { rows } = await database.query<{
    station_id: string
    rule: string
    actual: string | null
    checked_at: number
  }>(
    `select station_id, rule, actual, checked_at
     from (
       select distinct on (station_id, rule) station_id, rule, status, actual, checked_at
       from data_quality where system_id = $1 and station_id is not null and checked_at > $2
       order by station_id, rule, checked_at desc
     ) as newest
     where status <> 'PASS' order by station_id, rule`,
    [systemId, new Date(since)],
  )
  return [...Map.groupBy(rows, ({ station_id }) => station_id)]
    .map(([stationId, findings]) => ({
      stationId,
      findings: findings.map(({ rule, actual, checked_at }) => ({ rule, actual, checkedAt: checked_at })),
    }))
    .sort((a, b) => b.findings.length - a.findings.length)
}

const readOpenAlerts = async (database: Database, systemId: string): Promise<AlertReport[]> => {
  const { rows } = await database.query<AlertReport>(
    `select alert, severity, raised_at as "raisedAt", summary, action
     from alerts where system_id = $1 and not resolved order by raised_at desc`,
    [systemId],
  )
  return rows
}
