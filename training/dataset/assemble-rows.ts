/**
 * The point-in-time core of a data set: everything is taken in in the order in which it became known, and a row is made,
 * features and naive forecasts, at the moment of its asOf, from nothing but what has been taken in. What the future
 * held is looked up in `levels` when all is in.
 */
import {
  createCalendar,
  createSystemHistory,
  maxIntervalMs,
  type SystemHistoryOptions,
  slotMs,
  slotOf,
  vectorFeatureNames,
  weatherLocationOf,
  writeTargetFeatures,
} from '@velocast/features'
import type { StationStatus, WeatherForecast, WeatherObservation } from '@velocast/schemas'
import { createHorizonChooser } from './choose-horizons.ts'
import { createForecastShelf, type ForecastShelf } from './forecast-shelf.ts'
import { climatology, sameTimeLastWeek, sameTimeYesterday } from './naive-forecasts.ts'
import { columnOf, rowColumns } from './row-columns.ts'
import { createSlotLevels, type SlotLevels } from './slot-levels.ts'

export interface AssembleRowsOptions {
  system: SystemHistoryOptions
  /** The first moment of which anything is taken in, epoch milliseconds. */
  readFrom: number
  /** Rows are made as of this moment and later. */
  rowsFrom: number
  /** Rows have targets up to this moment: what came later is not known. */
  until: number
  seed: number
  /** From `rateFor`. */
  rate: number
  /** Takes a row; `values` run along `rowColumns` and are valid during the call. Stations are those of `stationIds`. */
  addRow: (station: number, asOf: number, targetAt: number, values: Float32Array) => void
}

export interface RowAssembly {
  /** All three in the order of polledAt; weather before the observations of the same moment. */
  readonly applyWeather: (observation: WeatherObservation) => void
  readonly applyForecast: (forecast: WeatherForecast) => void
  readonly observe: (status: StationStatus) => void
  readonly levels: SlotLevels
  /** By the number under which `levels` and `addRow` know them. */
  readonly stationIds: readonly string[]
}

const hourMs = 3_600_000
const bikesIndex = vectorFeatureNames.indexOf('bikes')
const departuresIndex = vectorFeatureNames.indexOf('departures_1h')
const yesterdayColumn = columnOf('naive_yesterday')
const lastWeekColumn = columnOf('naive_last_week')
const climatologyColumn = columnOf('naive_climatology')
const anomalyColumn = columnOf('anomaly')

interface Station {
  readonly number: number
  readonly hash: number
  newestAt: number
  /** Since when it has been observed without a break that hides what happened. */
  unbrokenSince: number
  readonly bikesIn: (slot: number) => number
}

export const assembleRows = (options: AssembleRowsOptions): RowAssembly => {
  const { system, rowsFrom, until, addRow } = options
  const history = createSystemHistory(system)
  const calendar = createCalendar(system)
  const shelves = new Map<string | null, ForecastShelf>()
  const levels = createSlotLevels(slotOf(options.readFrom))
  const chooser = createHorizonChooser(options)
  const stations = new Map<string, Station>()
  const stationIds: string[] = []
  const values = new Float32Array(rowColumns.length)
  const vector = values.subarray(0, vectorFeatureNames.length)

  const stationOf = (stationId: string): Station => {
    const known = stations.get(stationId)
    if (known) return known
    const number = stationIds.push(stationId) - 1
    const station: Station = {
      number,
      hash: chooser.hashOf(stationId),
      newestAt: Number.NaN,
      unbrokenSince: Number.NaN,
      bikesIn: (slot) => levels.bikesIn(number, slot),
    }
    stations.set(stationId, station)
    return station
  }

  const isOnePoint = (system.weatherLocations ?? []).length < 2
  const shelfOf = (locationId: string | null): ForecastShelf => {
    const known = shelves.get(locationId)
    if (known) return known
    const shelf = createForecastShelf()
    shelves.set(locationId, shelf)
    return shelf
  }

  const makeRow = (station: Station, asOf: number, nowSlot: number, targetSlot: number): void => {
    const targetAt = targetSlot * slotMs
    if (targetAt > until) return
    const forecast = shelfOf(weatherLocationOf(system.weatherLocations, vector)).knownAt(asOf)
    writeTargetFeatures({ calendar, vector, asOf, targetAt, forecast }, values, vectorFeatureNames.length)
    const { bikesIn } = station
    values[yesterdayColumn] = sameTimeYesterday(bikesIn, nowSlot, targetSlot)
    values[lastWeekColumn] = sameTimeLastWeek(bikesIn, nowSlot, targetSlot)
    values[climatologyColumn] = climatology(bikesIn, nowSlot, targetSlot)
    values[anomalyColumn] = vector[bikesIndex]! - climatology(bikesIn, nowSlot, nowSlot)
    addRow(station.number, asOf, targetAt, values)
  }

  return {
    levels,
    stationIds,
    applyWeather: history.applyWeather,
    applyForecast: (forecast) => shelfOf(isOnePoint ? null : forecast.locationId).add(forecast),
    observe: (status) => {
      const outcome = history.observe(status, vector)
      if (outcome !== 'vector' && outcome !== 'late') return
      const { observedAt, bikes, docks } = status
      const station = stationOf(status.stationId)
      levels.put(station.number, observedAt, bikes, docks)
      if (outcome === 'late') return

      const elapsedMs = observedAt - station.newestAt
      station.newestAt = observedAt
      if (!(elapsedMs <= maxIntervalMs)) station.unbrokenSince = observedAt
      const nowSlot = slotOf(observedAt)
      const isHourSeen = observedAt - station.unbrokenSince >= hourMs
      levels.putDepartures(station.number, nowSlot, isHourSeen ? vector[departuresIndex]! : Number.NaN)

      if (observedAt < rowsFrom) return
      const sinceVector = Number.isNaN(elapsedMs) ? slotMs : elapsedMs
      chooser.choose(station.hash, observedAt, sinceVector, (ahead) =>
        makeRow(station, observedAt, nowSlot, nowSlot + ahead),
      )
    },
  }
}
