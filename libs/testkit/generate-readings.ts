import type { StationStatus, WeatherForecast, WeatherObservation } from '@velocast/schemas'

export interface ReadingsOptions {
  seed: number
  systemId?: string
  stations: number
  /** Of all stations, one after the other, in the order in which they would be published. */
  polls: number
  /**
   * The first poll's observedAt, epoch milliseconds. By default the last poll is of the present quarter of an hour: a broker
   * deletes what is older than its topic's retention, and refuses what is from the future.
   */
  startAt?: number
  stepMs?: number
}

const QUARTER_HOUR_MS = 15 * 60 * 1000
const HOUR_MS = 60 * 60 * 1000

const endingNow = (polls: number, stepMs: number): number =>
  Math.floor(Date.now() / QUARTER_HOUR_MS) * QUARTER_HOUR_MS - (polls - 1) * stepMs

/** Numbers in [0, 1), the same ones for the same seed (mulberry32). */
export const seededRandom = (seed: number): (() => number) => {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * Observations of a small city: bikes wander with the hour of the day, now and then by a lorry's load, between none and
 * the capacity. Poll by poll, the same ones for the same options.
 */
export function* generateStatus(options: ReadingsOptions): Generator<StationStatus> {
  const { systemId = 'testville', stations, polls, stepMs = QUARTER_HOUR_MS } = options
  const { startAt = endingNow(polls, stepMs) } = options
  const random = seededRandom(options.seed)
  const cities = Array.from({ length: stations }, (_, index) => {
    const capacity = 10 + Math.floor(random() * 30)
    return {
      stationId: `station-${index}`,
      capacity,
      bikes: Math.floor(random() * capacity),
      east: random() / 10,
    }
  })
  for (let poll = 0; poll < polls; poll++) {
    const observedAt = startAt + poll * stepMs
    const tide = Math.sin((observedAt / (24 * HOUR_MS)) * 2 * Math.PI)
    for (const station of cities) {
      const lorry = random() < 0.01 ? Math.round(random() * 20 - 10) : 0
      const step = Math.round((random() - 0.5) * 4 + tide) + lorry
      station.bikes = Math.min(station.capacity, Math.max(0, station.bikes + step))
      yield {
        systemId,
        stationId: station.stationId,
        observedAt,
        polledAt: observedAt + 1000 + Math.floor(random() * 4000),
        reportedAt: random() < 0.1 ? null : observedAt - Math.floor(random() * 300_000),
        bikes: station.bikes,
        ebikes: Math.floor(station.bikes / 3),
        docks: station.capacity - station.bikes,
        bikesDisabled: random() < 0.05 ? 1 : 0,
        docksDisabled: 0,
        isInstalled: true,
        isRenting: random() > 0.01,
        isReturning: true,
        capacity: station.capacity,
        latitude: 47.3,
        longitude: 8.5 + station.east,
        origin: 'REPORTED',
      }
    }
  }
}

/** The weather of the same times, each half hour: an observation and a forecast of 48 hours, as issued on the hour. */
export function* generateWeather(
  options: Omit<ReadingsOptions, 'stations'>,
): Generator<{ observation: WeatherObservation; forecast: WeatherForecast }> {
  const { systemId = 'testville', polls, stepMs = QUARTER_HOUR_MS } = options
  const { startAt = endingNow(polls, stepMs) } = options
  const random = seededRandom(options.seed + 1)
  const head = { systemId, locationId: 'centre', provider: 'generated' }
  const temperatureAt = (at: number): number => 12 + 8 * Math.sin((at / (24 * HOUR_MS)) * 2 * Math.PI)
  for (let at = startAt; at < startAt + polls * stepMs; at += 2 * QUARTER_HOUR_MS) {
    const polledAt = at + 2000 + Math.floor(random() * 1000)
    const issuedAt = Math.floor(at / HOUR_MS) * HOUR_MS
    const validAt = Array.from({ length: 48 }, (_, hour) => issuedAt + hour * HOUR_MS)
    const temperatureC = temperatureAt(at) + random()
    yield {
      observation: {
        ...head,
        observedAt: at,
        polledAt,
        temperatureC,
        feelsLikeC: temperatureC - 1,
        humidityPercent: 50 + Math.floor(random() * 40),
        windSpeedMps: random() * 8,
        precipitationMm: random() < 0.8 ? 0 : random() * 3,
        cloudCoverPercent: Math.floor(random() * 100),
        pressureHpa: 1000 + random() * 30,
        visibilityM: 10_000,
        condition: 'clouds',
      },
      forecast: {
        ...head,
        issuedAt,
        polledAt,
        validAt,
        temperatureC: validAt.map((valid) => temperatureAt(valid) + random()),
        humidityPercent: validAt.map(() => 60),
        windSpeedMps: validAt.map(() => random() * 8),
        precipitationMm: validAt.map(() => (random() < 0.8 ? 0 : random() * 3)),
      },
    }
  }
}
