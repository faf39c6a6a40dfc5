import { type Calendar, createCalendar, vectorFeatureNames } from '@velocast/features'
import type { System } from '@velocast/runtime'
import type { StationInformation, WeatherForecast } from '@velocast/schemas'
import { createVectorTable, type VectorTable } from './vector-table.ts'
import { createWeatherForecastTable, type WeatherForecastTable } from './weather-forecast-table.ts'

/** All that is known of one system and needed to forecast it, in memory. */
export interface Knowledge {
  readonly system: System
  readonly calendar: Calendar
  readonly vectors: Omit<VectorTable, 'put'>
  readonly stations: ReadonlyMap<string, StationInformation>
  readonly weatherForecasts: () => readonly WeatherForecast[]
  readonly takeVector: VectorTable['put']
  readonly takeStation: (station: StationInformation) => void
  readonly takeWeather: WeatherForecastTable['put']
  /** Changes with every record that is taken in. */
  readonly revision: () => number
}

export const createKnowledge = (system: System): Knowledge => {
  const vectors = createVectorTable(vectorFeatureNames)
  const stations = new Map<string, StationInformation>()
  const weather = createWeatherForecastTable()
  let revision = 0
  return {
    system,
    calendar: createCalendar({ timeZone: system.timeZone, country: system.country, region: system.region }),
    vectors,
    stations,
    weatherForecasts: weather.all,
    takeVector: (station, names) => {
      revision++
      return vectors.put(station, names)
    },
    takeStation: (station) => {
      revision++
      const known = stations.get(station.stationId)
      if (!known || known.polledAt <= station.polledAt) stations.set(station.stationId, station)
    },
    takeWeather: (forecast) => {
      revision++
      weather.put(forecast)
    },
    revision: () => revision,
  }
}

/** A station is known from its first report or from the moment the operator lists it. */
export const isKnownStation = (knowledge: Knowledge, stationId: string): boolean =>
  knowledge.stations.has(stationId) || knowledge.vectors.get(stationId) !== null
