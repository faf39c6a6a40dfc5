import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type FeedCheck, ODDITIES } from '@velocast/producers'
import type { CheckedSystem } from './check-system.ts'
import { missingFacts } from './describe-system.ts'
import type { Entrance } from './find-entrance.ts'

/** The check for scripts. */
export const checkAsJson = ({ check, entrance }: CheckedSystem) => ({
  system: check.system.systemId,
  version: check.version,
  stations: check.listed,
  oddities: check.oddities,
  usable: check.usable,
  name: check.system.name,
  timeZone: check.system.timeZone,
  followable: check.isFollowable,
  reasons: check.reasons,
  /** Options without which `system add` refuses. */
  missing: missingFacts(check).flatMap(({ option }) => option.match(/--[a-z-]+/g) ?? []),
  ...entrance,
})

/** The check for people, in lines. */
export const presentCheck = ({ check, entrance }: CheckedSystem, given: string, now: number): string[] => [
  title(check),
  given,
  ...otherLines(entrance),
  '',
  ...countLines(check),
  ...freshnessLines(check, now),
  '',
  ...oddityLines(check),
  '',
  ...verdict(check),
]

const title = ({ system, version, languages }: FeedCheck): string =>
  [
    `${system.name ?? 'a system without a name'} (${system.systemId ?? 'no system_id'})`,
    system.timeZone ?? 'no time zone',
    version === null ? 'unknown version' : `GBFS ${version}`,
    ...(languages.length > 0 ? [languages.join(' ')] : []),
  ].join(', ')

const OTHERS_SHOWN = 10

const otherLines = ({ address, others }: Entrance): string[] => {
  if (others.length === 0) return []
  const shown = others.slice(0, OTHERS_SHOWN).join(', ')
  const more = others.length > OTHERS_SHOWN ? `, and ${others.length - OTHERS_SHOWN} more` : ''
  return [`read from ${basename(fileURLToPath(address))}; there are also ${shown}${more}`]
}

const countLines = ({ listed, usable }: FeedCheck): string[] => [
  row('stations', 'listed', 'usable'),
  row('  in station_information', listed.information, usable.information),
  row('  in station_status', listed.status, usable.status),
  row('  in both', listed.both, usable.both),
]

const row = (name: string, listed: string | number, usable: string | number): string =>
  `${name.padEnd(24)}${String(listed).padStart(9)}${String(usable).padStart(9)}`

const HOUR_MS = 3_600_000

const freshnessLines = ({ status }: FeedCheck, now: number): string[] => {
  if (status === null || status.stations.length === 0) return []
  const { feedUpdatedAt, ttlMs, stations } = status
  const fresh = stations.filter(({ reportedAt }) => reportedAt !== null && now - reportedAt <= HOUR_MS).length
  const updated =
    feedUpdatedAt === null
      ? 'station_status does not say when it was made'
      : `station_status is of ${new Date(feedUpdatedAt).toISOString()}, ${inWords(now - feedUpdatedAt)} ago`
  const valid = ttlMs === null ? '' : `, valid for ${ttlMs / 1000} s`
  const share = Math.floor((100 * fresh) / stations.length)
  return ['', `${updated}${valid}; ${share} % of the stations reported within the last hour`]
}

const UNITS = [
  ['days', 86_400_000],
  ['hours', HOUR_MS],
  ['minutes', 60_000],
] as const

const inWords = (ms: number): string => {
  const [unit, unitMs] = UNITS.find(([, size]) => ms >= 2 * size) ?? ['seconds', 1000]
  return `${Math.round(ms / unitMs)} ${unit}`
}

const oddityLines = ({ oddities, isFollowable }: FeedCheck): string[] => {
  if (oddities.length === 0) return isFollowable ? ['nothing odd'] : []
  const width = Math.max(...oddities.map(({ rule }) => rule.length))
  return [
    'oddities',
    ...oddities.flatMap(({ rule, count, example }) => {
      const { means, treatment } = ODDITIES[rule]
      return [
        `  ${rule.padEnd(width)}  ${String(count).padStart(6)} × ${example}`,
        `      ${means[0]!.toUpperCase()}${means.slice(1)}; ${treatment}.`,
      ]
    }),
  ]
}

const verdict = (check: FeedCheck): string[] => {
  if (!check.isFollowable) return ['It cannot be followed:', ...check.reasons.map((reason) => `  ${reason}`)]
  const missing = missingFacts(check).map(({ why, option }) => `  ${option}: ${why}`)
  if (missing.length === 0) return ['It can be followed.']
  return ['It can be followed.', '`velocast system add` must be told what the feed does not say:', ...missing]
}
