import type { QualityReport } from '../quality/read-quality.ts'

const STATIONS_SHOWN = 10
const HOUR_MS = 60 * 60 * 1000
/** Polls come every few minutes, and whatever is judged hourly is judged by then. */
const STALE_AFTER_MS = 2 * HOUR_MS

/** A system's quality for the terminal: a line a rule, what to do about those that do not pass, the worst stations. */
export const presentQuality = (report: QualityReport, now: number): string[] => {
  const { systemId, since, rules, stations, openAlerts } = report
  const hours = Math.round((now - since) / HOUR_MS)
  if (rules.length === 0)
    return [
      `${systemId}: nothing was judged in the last ${hours} h. Do the producer, the quality processor and the sink run?`,
    ]
  const width = Math.max(...rules.map(({ rule }) => rule.length))
  const newestAt = Math.max(...rules.map(({ checkedAt }) => checkedAt))
  return [
    `${systemId}, last ${hours} h, as of ${clock(newestAt)}`,
    ...(now - newestAt > STALE_AFTER_MS
      ? [`Nothing has been judged since: polls have stopped, or a service has.`]
      : []),
    '',
    `now   worst ${'rule'.padEnd(width)}  passed  found`,
    ...rules.map(({ rule, status, worst, checks, passed, actual, expected }) =>
      [
        status.padEnd(5),
        worst.padEnd(5),
        rule.padEnd(width),
        `${percent(passed / checks).padStart(7)} `,
        status === 'PASS' ? (actual ?? '') : `${actual}; should be ${expected}`,
      ].join(' '),
    ),
    ...section(
      'What to do',
      rules.flatMap(({ rule, status, detail }) =>
        status === 'PASS' || !detail ? [] : [`${rule}: ${detail}`],
      ),
    ),
    ...section(
      'Open alerts',
      openAlerts.map(
        ({ severity, raisedAt, summary, action }) =>
          `${severity} since ${clock(raisedAt)}  ${summary}. ${action}`,
      ),
    ),
    ...section(
      `Stations with findings: ${stations.length}`,
      stations
        .slice(0, STATIONS_SHOWN)
        .map(
          ({ stationId, findings }) =>
            `${stationId}  ${findings.map(({ rule, actual }) => `${rule}: ${actual}`).join('; ')}`,
        ),
    ),
  ]
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]

const percent = (share: number): string => `${(100 * share).toFixed(share === 1 ? 0 : 1)} %`

const clock = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
