/** What a replay found or wrote, for people. */
import type { Comparison } from '@velocast/replay'
import type { ReplayReport } from '@velocast/stream-processors/replay'

const SHOWN_FEATURES = 20

export const presentReplay = (report: ReplayReport): string[] => [
  ...report.parts.map(
    ({ part, observations, firstPolledAt, lastPolledAt }) =>
      `read from the ${part}: ${observations} observations, ${moment(firstPolledAt)} to ${moment(lastPolledAt)}`,
  ),
  ...(report.parts.length === 0
    ? ['there is nothing of this system and time, neither in the log nor in the table']
    : []),
  ...(report.written ? [presentWritten(report.written)] : []),
  ...(report.comparison ? presentComparison(report.comparison) : []),
]

const presentWritten = ({ vectors, changed, resumedAfter }: NonNullable<ReplayReport['written']>): string =>
  `${vectors} vectors written, of which ${changed} were new or different` +
  (resumedAfter > 0 ? `; an earlier run had written ${resumedAfter}` : '')

const presentComparison = (comparison: Comparison): string[] => {
  const { equal, different, missingInTable, missingExample, missingInReplay, hoursWithMore, features } =
    comparison
  const lines = [`${equal} vectors are equal, ${different} differ`]
  if (missingInTable > 0 && missingExample)
    lines.push(
      `${missingInTable} are not in the table, such as ${missingExample.stationId} as of ${moment(missingExample.asOf)}`,
    )
  if (missingInReplay > 0)
    lines.push(
      `${missingInReplay} are in the table and were not computed: ${hoursWithMore.map(({ hour, rows }) => `${rows} in the hour of ${moment(hour)}`).join(', ')}`,
    )
  if (features.length === 0) return lines
  lines.push('', `${'feature'.padEnd(34)} ${'rows'.padStart(9)} ${'largest'.padStart(12)}  example`)
  for (const { feature, rows, largest, example } of features.slice(0, SHOWN_FEATURES))
    lines.push(
      `${feature.padEnd(34)} ${String(rows).padStart(9)} ${(largest === null ? 'NaN' : largest.toPrecision(6)).padStart(12)}  ` +
        `${example.stationId} as of ${moment(example.asOf)}: ${example.stored} in the table, ${example.replayed} now`,
    )
  if (features.length > SHOWN_FEATURES) lines.push(`and ${features.length - SHOWN_FEATURES} more: --json`)
  return lines
}

const moment = (at: number): string => new Date(at).toISOString()
