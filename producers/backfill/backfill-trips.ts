/**
 * History from an operator's trip files: departures and arrivals of each station by the hour, in `station-flows`.
 *
 * Nothing is published before all files are read, since the trips of an hour may be anywhere in them. What the log holds
 * already is not published again, so that a run which was killed is gone on with, and a second one publishes nothing.
 */
import { type KafkaClient, readToTheEnd, type TopicRecord } from '@velocast/kafka'
import { findFiles } from '@velocast/recordings'
import type { Clock, System } from '@velocast/runtime'
import { topics } from '@velocast/schemas'
import { readPublishedStations } from '../log/read-published.ts'
import { countTrips, type TripCounts } from '../trips/count-trips.ts'
import { createFlowMemory, type FlowMemory } from '../trips/flow-memory.ts'
import type { FlowTable, HourlyFlow } from '../trips/flow-table.ts'
import { isAtSeam, joinSeam } from '../trips/join-seam.ts'
import { type MatchedBy, matchStations, type StationMatch } from '../trips/match-stations.ts'
import { readTripFiles } from '../trips/read-trip-files.ts'
import { type LevelsResult, publishLevels } from './publish-levels.ts'
import { sizeOfFiles } from './size-of-files.ts'

export interface TripsBackfillOptions {
  system: Pick<System, 'systemId' | 'timeZone'>
  /** Files, and folders of files: CSV, also compressed and in archives. */
  paths: readonly string[]
  /** Ids in the trips, and what the feed calls these stations; for what names and positions do not tell. */
  stationIds?: ReadonlyMap<string, string>
  /** Also reconstructs how many bikes the stations held, where the log has reports to begin with. */
  reconstruct?: boolean
  kafka: KafkaClient
  clock: Clock
  onProgress?: (progress: TripsBackfillProgress) => void
  /** Hears of what could not be used, in words. */
  onNotice?: (notice: string) => void
  signal?: AbortSignal
}

export interface TripsBackfillProgress {
  /** 0 to 1. */
  share: number
  trips: number
  published: number
}

export interface TripsBackfillResult {
  trips: TripCounts
  /** How many stations of the trips were found in the feed, by how. */
  stations: Record<MatchedBy, number>
  /** Hours of stations published in this run, and those that the log held already. */
  published: number
  unchanged: number
  /** Null where it was not asked for. */
  reconstructed: LevelsResult | null
  /** When the first and the last trip began; null when there is none. */
  firstAt: number | null
  lastAt: number | null
  seconds: number
}

const BATCH_RECORDS = 2_500
/** Of the whole time, reading is about so much. */
const READING_SHARE = 0.8
const PROGRESS_EVERY_TRIPS = 5_000

/** Rejects with the signal's reason when it is aborted, and with an error that names the file when one is no trip file. */
export const backfillTrips = async (options: TripsBackfillOptions): Promise<TripsBackfillResult> => {
  const { system, paths, stationIds = new Map(), kafka, clock, onProgress, onNotice = () => {} } = options
  const { signal = new AbortController().signal } = options
  const { systemId, timeZone } = system
  const startedAt = clock.now()
  const files = await findFiles(paths)
  const bytes = await sizeOfFiles(files)
  const counter = countTrips()
  let bytesRead = 0
  await readTripFiles(files, {
    timeZone,
    onTrip: (trip) => {
      counter.add(trip)
      const { read } = counter.counts
      if (read % PROGRESS_EVERY_TRIPS === 0)
        onProgress?.({ share: (bytesRead / bytes) * READING_SHARE, trips: read, published: 0 })
    },
    onRead: (count) => {
      bytesRead += count
    },
    onNotice,
    signal,
  })
  const known = (await readPublishedStations(kafka, [systemId], signal)).get(systemId) ?? new Map()
  const matches = matchStations(counter.stations(), [...known.values()], stationIds)
  const nameOf = (id: string): string => matches.get(id)?.stationId ?? id
  const flows = counter.flows.renamed(nameOf)
  const span = counter.span()
  const { published, unchanged } = span
    ? await publishFlows({ ...options, signal }, flows, span, (done) =>
        onProgress?.({
          share: READING_SHARE + (1 - READING_SHARE) * done.share,
          trips: counter.counts.read,
          published: done.published,
        }),
      )
    : { published: 0, unchanged: 0 }
  const reconstructed =
    span && options.reconstruct
      ? await publishLevels({
          systemId,
          known,
          net: counter.net.renamed(nameOf),
          stationIds: [...new Set([...matches.keys()].map(nameOf))],
          span,
          kafka,
          clock,
          signal,
        })
      : null
  return {
    trips: counter.counts,
    stations: countMatches(matches),
    published,
    unchanged,
    reconstructed,
    firstAt: span?.firstAt ?? null,
    lastAt: span?.lastAt ?? null,
    seconds: (clock.now() - startedAt) / 1000,
  }
}

const publishFlows = async (
  { system: { systemId }, kafka, signal }: TripsBackfillOptions & { signal: AbortSignal },
  flows: FlowTable,
  span: { firstAt: number; lastAt: number },
  onProgress: (done: { share: number; published: number }) => void,
): Promise<{ published: number; unchanged: number }> => {
  const memory = await readFlows(kafka, systemId, signal)
  const producer = await kafka.openProducer()
  let published = 0
  let unchanged = 0
  let batch: TopicRecord[] = []
  const send = async (at: number): Promise<void> => {
    await producer.send(batch, { signal })
    published += batch.length
    batch = []
    onProgress({ share: Math.min(1, (at - span.firstAt) / (span.lastAt - span.firstAt + 1)), published })
  }
  try {
    for (const counted of flows.flows()) {
      const before = memory.get(counted.stationId, counted.hourAt)
      const flow = isAtSeam(counted.hourAt, span) ? joinSeam(counted, before) : counted
      if (before && isSame(flow, before)) unchanged += 1
      else batch.push({ topic: topics.stationFlows, value: { systemId, ...flow, origin: 'TRIPS' } })
      if (batch.length === BATCH_RECORDS) await send(flow.hourAt)
    }
    if (batch.length > 0) await send(span.lastAt)
  } finally {
    await producer.close()
  }
  return { published, unchanged }
}

/** What the log holds of a system. */
const readFlows = async (kafka: KafkaClient, systemId: string, signal: AbortSignal): Promise<FlowMemory> => {
  const memory = createFlowMemory()
  await readToTheEnd(
    kafka,
    {
      topics: [topics.stationFlows],
      from: 'beginning',
      systemIds: [systemId],
      onRecords: (records) => {
        for (const { value } of records) if (value.systemId === systemId) memory.set(value)
      },
    },
    signal,
  )
  return memory
}

const isSame = (one: HourlyFlow, other: HourlyFlow): boolean =>
  one.departures === other.departures &&
  one.arrivals === other.arrivals &&
  one.ebikeDepartures === other.ebikeDepartures &&
  one.ebikeArrivals === other.ebikeArrivals

const countMatches = (matches: ReadonlyMap<string, StationMatch>): Record<MatchedBy, number> => {
  const counts: Record<MatchedBy, number> = {
    given: 0,
    'same-id': 0,
    'name-and-position': 0,
    position: 0,
    name: 0,
    successor: 0,
    unknown: 0,
  }
  for (const { by } of matches.values()) counts[by] += 1
  return counts
}
