import { type FeedCheck, ODDITIES } from '@velocast/producers'

/** The check for scripts. */
export const checkAsJson = (check: FeedCheck) => ({
  system: check.system.systemId,
  version: check.version,
  stations: check.listed,
  oddities: check.oddities,
  usable: check.usable,
  name: check.system.name,
  timeZone: check.system.timeZone,
  followable: check.isFollowable,
  reasons: check.reasons,
})

/** The check for people, in lines. */
export const presentCheck = (check: FeedCheck, address: string, now: number): string[] => [
  title(check),
  address,
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

const verdict = ({ isFollowable, reasons }: FeedCheck): string[] =>
  isFollowable
    ? ['It can be followed.']
    : ['It cannot be followed:', ...reasons.map((reason) => `  ${reason}`)]
