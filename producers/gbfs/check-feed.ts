/** An operator's feed, looked at as the producers would read it: what is there, what is odd, whether it can be followed. */
import { FeedError } from '../feed-error.ts'
import type { RequestJson } from '../http/request-json.ts'
import { documentReader } from '../read-feed.ts'
import { collectOddities, type FoundOddity, mergeOddities, type NoteOddity } from './collect-oddities.ts'
import { compareStations, countStations, type StationCounts } from './compare-stations.ts'
import { findFeeds, type ReadDocument } from './find-feeds.ts'
import { joinStationIds } from './join-station-ids.ts'
import type { StationRule } from './oddity.ts'
import type { DiscoveryReading } from './read-auto-discovery.ts'
import { type InformationReading, readStationInformation } from './read-station-information.ts'
import { readStationStatus, type StatusReading } from './read-station-status.ts'
import { readSystemInformation, type SystemFacts } from './read-system-information.ts'

export interface FeedCheck {
  /** Whether the producers could publish what it says. */
  isFollowable: boolean
  /** Why not. */
  reasons: string[]
  /** Null where nothing could be read that says it. */
  version: string | null
  system: SystemFacts
  /** Different ids in the documents. */
  listed: StationCounts
  /** Of these, the ones whose values can be used. */
  usable: StationCounts
  languages: string[]
  information: InformationReading | null
  status: StatusReading | null
  oddities: FoundOddity[]
}

export interface FeedCheckOptions {
  /** Of a gbfs.json, or of a station feed. */
  address: string
  /** Throws FeedErrors. */
  request: RequestJson
  now: number
  language?: string | undefined
}

const UNKNOWN_SYSTEM: SystemFacts = {
  systemId: null,
  name: null,
  timeZone: null,
  country: null,
  licence: null,
}
const NO_STATIONS: StationCounts = { information: 0, status: 0, both: 0 }

/** Never throws because of the feed. */
export const checkFeed = async ({
  address,
  request,
  now,
  language,
}: FeedCheckOptions): Promise<FeedCheck> => {
  const read = documentReader(request, now)
  const feeds = await findFeeds(read, address, language)
  if (feeds instanceof FeedError) return unfollowable(feeds)
  const { feeds: discovery, electricTypes } = feeds
  const { version } = discovery
  const context = { polledAt: now, version, language }
  const { note, found } = collectOddities()
  const [status, facts, system] = await Promise.all([
    read(discovery.stationStatus, (document) =>
      readStationStatus(document, {
        ...context,
        electricTypes: electricTypes instanceof Set ? electricTypes : null,
      }),
    ),
    read(discovery.stationInformation, (document) => readStationInformation(document, context)),
    readSystem(read, discovery.systemInformation, { version, language, note }),
  ])
  const isSameDocument = discovery.stationInformation === discovery.stationStatus
  const asListed = isSameDocument && hasNoFacts(facts) ? NO_FACTS : facts
  const information =
    asListed instanceof FeedError || status instanceof FeedError
      ? asListed
      : joinStationIds(asListed, status.stationIds)
  if (information instanceof FeedError) note('information-unreadable', information.message)
  noteVersions({ version, status, information }, note)
  return assess({ discovery, status, information, system, oddities: found() })
}

/** A status at an address that does not tell where the facts are is not its own station_information. */
const hasNoFacts = (reading: InformationReading | FeedError): boolean =>
  !(reading instanceof FeedError) && reading.stations.length === 0

const NO_FACTS = new FeedError(
  'not-as-specified',
  'the document has no facts about stations, and its address does not tell where they are',
)

interface FeedReadings {
  discovery: DiscoveryReading
  status: StatusReading | FeedError
  information: InformationReading | FeedError
  system: SystemFacts
  oddities: readonly FoundOddity[]
}

const assess = ({ discovery, status, information, system, oddities }: FeedReadings): FeedCheck => {
  const facts = information instanceof FeedError ? null : information
  if (status instanceof FeedError)
    return {
      ...unfollowable(status),
      system,
      languages: discovery.languages,
      version: facts?.version ?? discovery.version,
      listed: countStations(facts?.stationIds ?? new Set(), new Set()),
      usable: countStations(idsOf(facts), new Set()),
      information: facts,
      oddities: mergeOddities(oddities, discovery.oddities, facts?.oddities ?? []),
    }
  const usable = countStations(idsOf(facts), idsOf(status))
  const reasons = usable.status > 0 ? [] : [whyNoStation(status)]
  return {
    isFollowable: reasons.length === 0,
    reasons,
    version: status.version,
    system,
    languages: discovery.languages,
    listed: countStations(facts?.stationIds ?? new Set(), status.stationIds),
    usable,
    information: facts,
    status,
    oddities: mergeOddities(
      oddities,
      discovery.oddities,
      status.oddities,
      facts?.oddities ?? [],
      facts ? compareStations(facts, status) : [],
    ),
  }
}

const idsOf = (reading: { stations: readonly { stationId: string }[] } | null): Set<string> =>
  new Set(reading?.stations.map(({ stationId }) => stationId))

const whyNoStation = ({ rejected, listed }: StatusReading): string => {
  const [first] = rejected
  if (!first) return 'station_status lists no station'
  if (listed > 1 && rejected.length === listed && rejected.every(({ detail }) => detail === first.detail))
    return `at each of the ${listed} stations in station_status ${first.detail}: ${IN_PLAIN_WORDS[first.rule] ?? NOTHING_USABLE}`
  return `none of the ${listed} stations in station_status has values that can be used: of station ${first.stationId}, ${first.detail}`
}

/** What it means when all stations are so. nextbike wrote -1 where it counts nothing. */
const NOT_COUNTED =
  'it does not say how many vehicles there are, and without that there is nothing to forecast'
const NOTHING_USABLE = 'there is nothing in it that can be used'
const IN_PLAIN_WORDS: Partial<Record<StationRule, string>> = {
  'bikes-missing': NOT_COUNTED,
  'count-negative': NOT_COUNTED,
  'count-not-a-number': NOT_COUNTED,
  'station-id-missing': 'which counts belong to which station cannot be known',
}

const unfollowable = (error: FeedError): FeedCheck => ({
  isFollowable: false,
  reasons: [error.message],
  version: null,
  system: UNKNOWN_SYSTEM,
  listed: NO_STATIONS,
  usable: NO_STATIONS,
  languages: [],
  information: null,
  status: null,
  oddities: [],
})

const readSystem = async (
  read: ReadDocument,
  address: string | null,
  context: { version: string | null; language: string | undefined; note: NoteOddity },
): Promise<SystemFacts> => {
  const facts =
    address === null
      ? new FeedError('not-as-specified', 'gbfs.json does not list it')
      : await read(address, (document) => readSystemInformation(document, context))
  if (!(facts instanceof FeedError)) return facts
  context.note('system-information-unreadable', facts.message)
  return UNKNOWN_SYSTEM
}

const noteVersions = (
  { version, status, information }: Pick<FeedReadings, 'status' | 'information'> & { version: string | null },
  note: NoteOddity,
): void => {
  const named: [string, string | null][] = [
    ['gbfs.json', version],
    ['station_status', status instanceof FeedError ? null : status.version],
    ['station_information', information instanceof FeedError ? null : information.version],
  ]
  const known = named.filter(([, of]) => of !== null)
  // Without a version in gbfs.json, that of a document may be a guess.
  if (version !== null && new Set(known.map(([, of]) => of)).size > 1)
    note('version-differs', known.map(([name, of]) => `${name} is of ${of}`).join(', '))
}
