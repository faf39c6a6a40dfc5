import {
  type Calendar,
  createCalendar,
  createSystemPast,
  type SystemPast,
  snapshotLevels,
  vectorFeatureNames,
} from '@velocast/features'
import type { System } from '@velocast/runtime'
import type { StationInformation, StationState, StationStatus, WeatherForecast } from '@velocast/schemas'
import { type ChangeCounts, createChangeCounts } from './change-counts.ts'
import { createVectorTable, type VectorTable } from './vector-table.ts'
import { createWeatherForecastTable, type WeatherForecastTable } from './weather-forecast-table.ts'

/** All that is known of one system and needed to forecast it, in memory. */
export interface Knowledge {
  readonly system: System
  readonly calendar: Calendar
  readonly vectors: Omit<VectorTable, 'put'>
  readonly stations: ReadonlyMap<string, StationInformation>
  readonly weatherForecasts: () => readonly WeatherForecast[]
  /** What was seen at the stations in the last four weeks. */
  readonly past: SystemPast
  readonly takeVector: VectorTable['put']
  readonly takeStation: (station: StationInformation) => void
  readonly takeWeather: WeatherForecastTable['put']
  readonly takeObservation: (status: StationStatus) => void
  readonly takeState: (state: StationState) => void
  /** Changes with every record that is taken in. */
  readonly revision: () => number
  readonly changes: Pick<ChangeCounts, 'all' | 'ofStation' | 'ofWeather'>
  /** How long after the last newest report the newest came, milliseconds; null before the second. */
  readonly reportIntervalMs: () => number | null
}

export const createKnowledge = (system: System): Knowledge => {
  const vectors = createVectorTable(vectorFeatureNames)
  const stations = new Map<string, StationInformation>()
  const weather = createWeatherForecastTable()
  const past = createSystemPast()
  const changes = createChangeCounts()
  let revision = 0
  let reportIntervalMs: number | null = null
  const placeStation = (stationId: string): void => {
    const { vector } = vectors.get(stationId)!
    past.place(stationId, vector[latitudeIndex]!, vector[longitudeIndex]!, vector[capacityIndex]!)
  }

  return {
    system,
    calendar: createCalendar({ timeZone: system.timeZone, country: system.country, region: system.region }),
    vectors,
    stations,
    weatherForecasts: weather.all,
    past,
    takeVector: (station, names, traceparent) => {
      revision++
      const newest = vectors.newestAsOf()
      const outcome = vectors.put(station, names, traceparent)
      if (outcome === 'kept') {
        placeStation(station.stationId)
        changes.stationChanged(station.stationId)
      }
      if (newest !== null && station.asOf > newest) reportIntervalMs = station.asOf - newest
      return outcome
    },
    takeStation: (station) => {
      revision++
      const known = stations.get(station.stationId)
      if (!known || known.polledAt <= station.polledAt) {
        stations.set(station.stationId, station)
        changes.stationChanged(station.stationId)
      }
    },
    takeWeather: (forecast) => {
      revision++
      weather.put(forecast)
      changes.weatherChanged()
    },
    takeObservation: ({ stationId, observedAt, bikes, origin }) => {
      if (origin !== 'REPORTED') return
      revision++
      past.put(stationId, observedAt, bikes)
      changes.stationChanged(stationId)
    },
    takeState: ({ stationId, history }) => {
      const found = snapshotLevels(history)
      if (!found) return
      past.restore(stationId, found.newestSlot, found.levels)
      changes.stationChanged(stationId)
    },
    revision: () => revision,
    changes,
    reportIntervalMs: () => reportIntervalMs,
  }
}

const latitudeIndex = vectorFeatureNames.indexOf('latitude')
const longitudeIndex = vectorFeatureNames.indexOf('longitude')
const capacityIndex = vectorFeatureNames.indexOf('capacity')

/** A station is known from its first report or from the moment the operator lists it. */
export const isKnownStation = (knowledge: Knowledge, stationId: string): boolean =>
  knowledge.stations.has(stationId) || knowledge.vectors.get(stationId) !== null
