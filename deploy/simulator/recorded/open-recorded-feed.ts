import { basename, resolve } from 'node:path'
import timeZoneAt from '@photostructure/tz-lookup'
import type { FeedSource, StationProfile, SystemProfile } from '../feed/feed-source.ts'
import { createLocalTime } from '../local-time.ts'
import { type LoadedRecording, type LoadRecordingOptions, loadRecording } from './load-recording.ts'
import { keepInOrder, moveByWeeks, weeksToMove } from './move-by-weeks.ts'
import { COUNTS, type RecordedInformation, type Recording, reportsOf } from './recording.ts'

export interface RecordedFeedOptions extends LoadRecordingOptions {
  /** The moment that the window of history ends at. */
  now: number
  /** Days of history before now; 35 by default. */
  historyDays?: number
  /** Nothing recorded before is played, epoch milliseconds. */
  windowStart?: number
  /** The recorded moment up to which the recording is history now, to within the week before it. */
  windowEnd?: number
  /**
   * How far the recording is moved, where an earlier run has decided it: the default depends on `now`, and history
   * once published must not move when the player is started again a week later.
   */
  weeksMoved?: number
  /** The operator's zone: by default what the recording says, or else where its stations are. */
  timeZone?: string
  systemId?: string
  name?: string
  /** Where the system is, if the recording has no station information. */
  centre?: { latitude: number; longitude: number }
}

/**
 * An operator that publishes what was recorded, some whole weeks later. It says nothing new after the recording's
 * end, and nothing at all before its beginning.
 */
export const openRecordedFeed = async (options: RecordedFeedOptions): Promise<FeedSource> => {
  const { now, historyDays = 35, windowStart = Number.NEGATIVE_INFINITY, windowEnd } = options
  const recording = await loadRecording(options)
  const system = systemOf(recording, options)
  const snapshots = recording.snapshots.filter(({ recordedAt }) => recordedAt >= windowStart)
  const first = snapshots[0]
  const last = snapshots.at(-1)
  if (!first || !last)
    throw new Error(`The recording has nothing from ${new Date(windowStart).toISOString()} on.`)
  const weeksMoved =
    options.weeksMoved ??
    weeksToMove({
      startsAt: first.recordedAt,
      endsAt: last.recordedAt,
      now,
      historyDays,
      ...(windowEnd === undefined ? {} : { windowEnd }),
    })
  const moved = moveByWeeks(weeksMoved, createLocalTime(system.timeZone))
  const played = keepInOrder(
    snapshots.map((snapshot) => ({ playedAt: moved(snapshot.recordedAt), snapshot })),
  )
  const startsAt = played[0]!.playedAt
  const information = recording.information.length > 0 ? recording.information : [inferred(recording, system)]

  return {
    system,
    ttlSeconds: 60,
    statusAt: (at) => {
      const current = played[lastNotAfter(played, at)]
      if (!current) return { kind: 'before-start', startsAt }
      const { playedAt, snapshot } = current
      return { kind: 'snapshot', lastUpdatedAt: playedAt, reports: reportsOf(recording, snapshot, moved) }
    },
    stationsAt: (at) => {
      const known = information.filter(({ recordedAt }) => moved(recordedAt) <= at).at(-1)
      if (known) return { lastUpdatedAt: moved(known.recordedAt), stations: known.stations }
      // Most recordings hold one description, taken some time: it is all there is for the time before, too.
      return { lastUpdatedAt: startsAt, stations: information[0]!.stations }
    },
    span: { startsAt, endsAt: played.at(-1)!.playedAt },
    weeksMoved,
  }
}

/** Index of the last snapshot played at or before `at`, or -1. */
const lastNotAfter = (played: readonly { playedAt: number }[], at: number): number => {
  let low = 0
  let high = played.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (played[middle]!.playedAt <= at) low = middle + 1
    else high = middle
  }
  return low - 1
}

const systemOf = (recording: LoadedRecording, options: RecordedFeedOptions): SystemProfile => {
  const stations = recording.information.at(-1)?.stations ?? []
  const centre = options.centre ?? {
    latitude: median(stations.map((station) => station.latitude)),
    longitude: median(stations.map((station) => station.longitude)),
  }
  if (Number.isNaN(centre.latitude))
    throw new Error(
      `${options.data} holds no station_information document: name one, or say where the system is (centre).`,
    )
  const folder = basename(resolve(options.data)).replace(/\..*$/, '')
  const systemId = options.systemId ?? recording.system.systemId ?? folder
  return {
    systemId: systemId.replace(/[^A-Za-z0-9._-]/g, '-'),
    name: options.name ?? recording.system.name ?? systemId,
    timeZone: options.timeZone ?? recording.system.timeZone ?? timeZoneAt(centre.latitude, centre.longitude),
    ...centre,
  }
}

/** Stations of which nothing but their status is known: at the centre, as large as their first report says. */
const inferred = (recording: Recording, system: SystemProfile): RecordedInformation => {
  const capacities = new Map<number, number>()
  for (const { stations, counts } of recording.snapshots)
    stations.forEach((station, row) => {
      const count = (index: number): number => Math.max(0, counts[row * COUNTS.length + index]!)
      if (!capacities.has(station)) capacities.set(station, count(0) + count(2) + count(3) + count(4))
    })
  const stations = recording.stationIds.map(
    (stationId, index): StationProfile => ({
      stationId,
      name: `Station ${stationId}`,
      latitude: system.latitude,
      longitude: system.longitude,
      capacity: capacities.get(index) ?? 0,
    }),
  )
  return { recordedAt: recording.snapshots[0]!.recordedAt, stations }
}

const median = (values: readonly number[]): number =>
  values.length === 0 ? Number.NaN : Number([...values].sort((a, b) => a - b)[values.length >> 1]!.toFixed(5))
