/**
 * How many vectors a second one core computes, and how many it encodes, in systems of several sizes; beside a baseline
 * that loops over the ring for every window, in the same run. `--json` prints the figures only.
 *
 * Time is the thread's own processor time, so that what else runs on the machine does not count.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createSystemHistory, slotMs, vectorFeatureNames } from '@velocast/features'
import { encodeStationFeatures, type StationStatus, type WeatherObservation } from '@velocast/schemas'
import { findDrift } from '../libs/features/find-drift.ts'
import { createNaiveFeatures } from './naive-features.ts'

const place = { timeZone: 'America/New_York', country: 'US' }
const hourMs = 3_600_000
const firstPollAt = Date.UTC(2024, 0, 8)
/** An observation an hour for three weeks, then more than a week on the grid: all windows are full, all rings gone round. */
const warmUpHours = 21 * 24
const warmUpPolls = 800
/** So many observations are made, then measured, and so on: as if they had just been decoded. */
const handfulOfStations = 100

const sizes = [
  { stations: 100, vectors: 400_000 },
  { stations: 1_000, vectors: 400_000 },
  { stations: 2_400, vectors: 400_000 },
  { stations: 5_000, vectors: 400_000 },
]
const baselineVectors = 6_000
/** Of one station, after which its sums are compared with loops. */
const driftUpdates = 10_000_000

/** Seconds of processor time that `work` takes. */
const secondsOf = (work: () => void): number => {
  const before = process.threadCpuUsage()
  work()
  const used = process.threadCpuUsage(before)
  return (used.user + used.system) / 1e6
}

/** Polls exactly on the grid, a handful of stations at a time; the level of a station moves by up to two bikes. */
const createPolls = (stations: number) => {
  let state = 1
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const capacity = 20
  const levels = Array.from({ length: stations }, () => Math.floor(random() * (capacity + 1)))
  return (observedAt: number, take: (statuses: StationStatus[]) => void): void => {
    for (let first = 0; first < stations; first += handfulOfStations) {
      const handful: StationStatus[] = []
      for (let station = first; station < Math.min(first + handfulOfStations, stations); station++) {
        const bikes = Math.min(capacity, Math.max(0, levels[station]! + Math.floor(random() * 5) - 2))
        levels[station] = bikes
        handful.push({
          systemId: 'bench',
          stationId: `station-${station}`,
          observedAt,
          polledAt: observedAt + 2_000,
          reportedAt: observedAt - 45_000,
          bikes,
          ebikes: bikes >> 2,
          docks: capacity - bikes,
          bikesDisabled: 0,
          docksDisabled: 0,
          isInstalled: true,
          isRenting: true,
          isReturning: true,
          capacity,
          latitude: 40.7 + Math.sin(station) / 10,
          longitude: -74 + Math.cos(3 * station) / 10,
          origin: 'REPORTED',
        })
      }
      take(handful)
    }
  }
}

const weatherAt = (polledAt: number): WeatherObservation => ({
  systemId: 'bench',
  locationId: 'centre',
  provider: 'bench',
  observedAt: polledAt,
  polledAt,
  temperatureC: 20,
  feelsLikeC: 19,
  humidityPercent: 50,
  windSpeedMps: 3,
  precipitationMm: 0,
  cloudCoverPercent: 25,
  pressureHpa: 1013,
  visibilityM: 10_000,
  condition: 'clear',
})

interface Core {
  readonly applyWeather: (read: WeatherObservation) => void
  readonly observe: (status: StationStatus, into: Float32Array) => unknown
}

/** Vectors a second of a warm system; observations are made outside the measured time. `look` sees measured vectors. */
const measure = (
  core: Core,
  stations: number,
  vectors: number,
  look: (vector: Float32Array) => void = () => {},
): number => {
  const readPoll = createPolls(stations)
  const vector = new Float32Array(vectorFeatureNames.length)
  let observedAt = firstPollAt
  let seconds = 0
  const run = (polls: number, stepMs: number, look: (vector: Float32Array) => void): void => {
    seconds = 0
    for (let poll = 0; poll < polls; poll++, observedAt += stepMs) {
      core.applyWeather(weatherAt(observedAt - slotMs))
      readPoll(observedAt, (statuses) => {
        seconds += secondsOf(() => {
          for (const status of statuses) core.observe(status, vector)
        })
        look(vector)
      })
    }
  }
  run(warmUpHours, hourMs, () => {})
  run(warmUpPolls, slotMs, () => {})
  const polls = Math.ceil(vectors / stations)
  run(polls, slotMs, look)
  return (polls * stations) / seconds
}

/** Encodes a second, of vectors of this size. */
const measureEncode = (vectors: number): number => {
  const vector = Float32Array.from(vectorFeatureNames, (_, index) => index)
  const head = { systemId: 'bench', stationId: 'station-1', asOf: firstPollAt, polledAt: firstPollAt + 2_000 }
  let bytes = 0
  const encode = (count: number): void => {
    for (let index = 0; index < count; index++) bytes += encodeStationFeatures(head, vector).length
  }
  encode(50_000)
  const seconds = secondsOf(() => encode(vectors))
  if (bytes === 0) throw new Error('Nothing was encoded.')
  return vectors / seconds
}

/** The baseline does the same work only if it gives the same bytes. */
const assertSameVectors = (stations: number): void => {
  const hexOf = (core: Core): string[] => {
    const seen: string[] = []
    measure(core, stations, stations * 100, (vector) => seen.push(Buffer.from(vector.buffer).toString('hex')))
    return seen
  }
  const ours = hexOf(createSystemHistory({ systemId: 'bench', ...place }))
  const naive = hexOf(createNaiveFeatures(place.timeZone, place.country))
  if (ours.some((hex, index) => hex !== naive[index])) throw new Error('The baseline gives other vectors.')
}

/** Bytes of all typed arrays of a warm station that is polled every 15 minutes. */
const historyBytes = (stations: number): number => {
  setFlagsFromString('--expose-gc')
  const collectGarbage: () => void = runInNewContext('gc')
  collectGarbage()
  const before = process.memoryUsage()
  const core = createSystemHistory({ systemId: 'bench', ...place })
  measure(core, stations, 0)
  collectGarbage()
  const after = process.memoryUsage()
  if (core.stationIds().length !== stations) throw new Error('Stations are missing.')
  return Math.round((after.arrayBuffers - before.arrayBuffers) / stations)
}

assertSameVectors(8)
const baselineVectorsPerSecond = Math.round(
  measure(createNaiveFeatures(place.timeZone, place.country), 60, baselineVectors),
)
const result = {
  name: 'feature-core',
  features: vectorFeatureNames.length,
  historyBytesPerStation: historyBytes(64),
  encodesPerSecond: Math.round(measureEncode(400_000)),
  baselineVectorsPerSecond,
  drift: { updates: driftUpdates, differing: findDrift(driftUpdates) },
  systems: sizes.map(({ stations, vectors }) => {
    const vectorsPerSecond = Math.round(
      measure(createSystemHistory({ systemId: 'bench', ...place }), stations, vectors),
    )
    return {
      stations,
      vectorsPerSecond,
      ratioToBaseline: Math.round((10 * vectorsPerSecond) / baselineVectorsPerSecond) / 10,
    }
  }),
}

const slowdown = result.systems[0]!.vectorsPerSecond / result.systems.at(-1)!.vectorsPerSecond

if (process.argv.includes('--json')) console.log(JSON.stringify(result))
else {
  console.log(
    `${result.features} features, one core; ${result.historyBytesPerStation} bytes of history a station`,
  )
  console.log(`loops over the ring: ${baselineVectorsPerSecond.toLocaleString('en')} vectors/s (60 stations)`)
  for (const { stations, vectorsPerSecond, ratioToBaseline } of result.systems)
    console.log(
      `${stations} stations: ${vectorsPerSecond.toLocaleString('en')} vectors/s, ${ratioToBaseline} times as many`,
    )
  const { differing } = result.drift
  console.log(
    `after ${driftUpdates.toLocaleString('en')} updates ${differing.length === 0 ? 'nothing differs' : `${differing.join(', ')} differ`} from loops`,
  )
  console.log(
    `a vector costs ${slowdown.toFixed(2)} times as much at ${sizes.at(-1)!.stations} stations as at ${sizes[0]!.stations}`,
  )
  console.log(`encoded: ${result.encodesPerSecond.toLocaleString('en')} vectors/s`)
}

if (result.drift.differing.length > 0) process.exitCode = 1
