import { createSystemHistory, vectorFeatureNames } from '@velocast/features'
import type { TopicRecord } from '@velocast/kafka'
import { type StationStatus, type StationVector, topics, type WeatherObservation } from '@velocast/schemas'
import { seededRandom } from '@velocast/testkit'

/** A small city's log: what its producers would publish, in order. The same for the same options. */
export interface CityOptions {
  systemId: string
  seed: number
  stations: number
  polls: number
  /** Recent, epoch milliseconds: the broker deletes observations that are older than the topic's retention. */
  firstAt: number
}

export type CityLog = (TopicRecord<StationStatus> | TopicRecord<WeatherObservation>)[]

const POLL_MS = 15 * 60_000
const LATEST_POLLS = 88

/** Now and then an observation comes up to 22 hours late, when later ones of its station are known. */
export const generateLog = (city: CityOptions): CityLog => {
  const random = seededRandom(city.seed)
  const levels: Level[] = []
  const heldBack = new Map<number, StationStatus[]>()
  const logOf = (poll: number): CityLog => {
    const inTime = statusesOf(city, poll, random, levels).filter((status) => {
      if (random() > 0.01) return true
      const comesWith = poll + 1 + Math.floor(random() * LATEST_POLLS)
      const others = heldBack.get(comesWith) ?? []
      // Each read a moment after the other, so that it can be told which of them changed a vector.
      const polledAt = city.firstAt + comesWith * POLL_MS + 2001 + others.length
      heldBack.set(comesWith, [...others, { ...status, polledAt }])
      return false
    })
    const statuses = [...inTime, ...(heldBack.get(poll) ?? [])]
    const weather = poll % 2 === 0 ? [weatherOf(city, poll, random)] : []
    return [
      ...weather.map((value) => ({ topic: topics.weatherObservations, value })),
      ...statuses.map((value) => ({ topic: topics.stationStatus, value })),
    ]
  }
  return Array.from({ length: city.polls }, (_, poll) => logOf(poll)).flat()
}

interface Level {
  bikes: number
  ebikes: number
}

const statusesOf = (
  { systemId, stations, firstAt }: CityOptions,
  poll: number,
  random: () => number,
  levels: Level[],
): StationStatus[] =>
  Array.from({ length: stations }, (_, station) => station)
    // Some stations come later than others, and each is missing now and then.
    .filter((station) => poll >= station * 5 && random() > 0.05)
    .map((station) => {
      const capacity = capacityAt(station, poll)
      // Trucks come, too, with more than people bring.
      const change = random() < 0.01 ? (random() < 0.5 ? -18 : 18) : Math.round((random() - 0.5) * 5)
      const before = levels[station] ?? { bikes: 10, ebikes: 3 }
      const bikes = Math.max(0, Math.min(capacity ?? 24, before.bikes + change))
      const ebikes = Math.max(0, Math.min(bikes, before.ebikes + Math.round((random() - 0.5) * 3)))
      levels[station] = { bikes, ebikes }
      const observedAt = firstAt + poll * POLL_MS + Math.floor(random() * 1000)
      const disabled = random() < 0.1 ? 1 : 0
      return {
        systemId,
        stationId: `s${station}`,
        observedAt,
        polledAt: firstAt + poll * POLL_MS + 2000,
        reportedAt: random() < 0.02 ? null : observedAt - Math.floor(random() * 600_000),
        bikes,
        // Every third station counts no e-bikes.
        ebikes: station % 3 === 0 ? null : ebikes,
        docks: (capacity ?? 24) - bikes,
        bikesDisabled: disabled,
        docksDisabled: random() < 0.1 ? 2 : 0,
        isInstalled: random() > 0.01,
        isRenting: random() > 0.02,
        isReturning: random() > 0.02,
        capacity,
        latitude: 59.9 + station / 1000,
        longitude: 10.7 + (station % 7) / 100,
        origin: 'REPORTED',
      }
    })

/** Docks are added and taken away, at each station at another time; one in eleven says nothing of them. */
const capacityAt = (station: number, poll: number): number | null =>
  station % 11 === 10 ? null : 16 + (station % 4) * 4 + (Math.floor((poll + station * 7) / 90) % 3) * 2

const weatherOf = (
  { systemId, firstAt }: CityOptions,
  poll: number,
  random: () => number,
): WeatherObservation => ({
  systemId,
  locationId: 'centre',
  provider: 'open-meteo',
  observedAt: firstAt + poll * POLL_MS,
  polledAt: firstAt + poll * POLL_MS + 500,
  temperatureC: Math.fround(random() * 20),
  feelsLikeC: Math.fround(random() * 20),
  humidityPercent: Math.fround(40 + random() * 60),
  windSpeedMps: Math.fround(random() * 12),
  precipitationMm: random() < 0.8 ? 0 : Math.fround(random() * 5),
  cloudCoverPercent: Math.fround(random() * 100),
  pressureHpa: Math.fround(990 + random() * 40),
  // Not every provider gives it.
  visibilityM: random() < 0.5 ? Number.NaN : 10_000,
  condition: 'clouds',
})

/**
 * A part of the log as one send: weather before the observations that it is to be seen with. A send goes topic by topic,
 * in the order of their first records.
 */
export const asOneSend = (records: CityLog): CityLog => {
  const isWeather = ({ topic }: CityLog[number]): boolean => topic.name === 'weather-observations'
  return [...records.filter(isWeather), ...records.filter((record) => !isWeather(record))]
}

/** What tells a vector from all others. */
export const vectorKey = ({
  systemId,
  stationId,
  asOf,
  polledAt,
}: Pick<StationVector, 'systemId' | 'stationId' | 'asOf' | 'polledAt'>): string =>
  `${systemId}/${stationId}@${asOf} known at ${polledAt}`

/** The bytes of all vectors that follow from the log, as the library computes them. */
export const vectorsByLibrary = (
  system: Parameters<typeof createSystemHistory>[0],
  log: CityLog,
): Map<string, Buffer> => {
  const history = createSystemHistory(system)
  const into = new Float32Array(vectorFeatureNames.length)
  const vectors = new Map<string, Buffer>()
  const keep = (
    { systemId, stationId, polledAt }: StationStatus,
    asOf: number,
    vector: Float32Array,
  ): void => {
    vectors.set(vectorKey({ systemId, stationId, asOf, polledAt }), bytesOf(vector))
  }
  for (const { topic, value } of log) {
    if (topic.name === 'weather-observations') {
      history.applyWeather(value as WeatherObservation)
      continue
    }
    const status = value as StationStatus
    const outcome = history.observe(status, into)
    if (outcome === 'vector') keep(status, status.observedAt, into)
    if (outcome === 'late')
      history.dependants(status.stationId, status.observedAt, (asOf, vector) => keep(status, asOf, vector))
  }
  return vectors
}

/** A copy of the vector's bytes. */
export const bytesOf = (vector: Float32Array): Buffer => Buffer.from(vector.slice().buffer)

/** What is different, feature by feature, in words. */
export const differences = (
  expected: ReadonlyMap<string, Buffer>,
  actual: ReadonlyMap<string, Buffer>,
): string[] =>
  [...expected].flatMap(([key, wanted]) => {
    const found = actual.get(key)
    if (!found) return [`${key} is missing`]
    if (wanted.equals(found)) return []
    const [right, wrong] = [wanted, found].map((bytes) => new Float32Array(new Uint8Array(bytes).buffer))
    return vectorFeatureNames.flatMap((name, index) =>
      Object.is(right![index], wrong![index])
        ? []
        : [`${key} ${name}: ${wrong![index]}, should be ${right![index]}`],
    )
  })
