/**
 * The point-in-time core of a data set: everything is taken in in the order in which it became known, and a row is made,
 * features and naive forecasts, at the moment of its asOf, from nothing but what has been taken in. What the future
 * held is looked up in `levels` when all is in.
 */
import {
  createCalendar,
  createSystemHistory,
  createSystemPast,
  maxIntervalMs,
  type StationPast,
  type SystemHistoryOptions,
  slotMs,
  slotOf,
  vectorFeatureNames,
  weatherLocationOf,
  writeTargetFeatures,
} from '@velocast/features'
import type { StationStatus, WeatherForecast, WeatherObservation } from '@velocast/schemas'
import { createHorizonChooser, hashOfStation } from './choose-horizons.ts'
import type { Range } from './dataset-source.ts'
import { createForecastShelf, type ForecastShelf } from './forecast-shelf.ts'
import type { GridHorizon } from './horizon-grid.ts'
import { climatology, type ValueIn } from './naive-forecasts.ts'
import { columnOf, rowColumns } from './row-columns.ts'
import { createSlotLevels, type SlotLevels } from './slot-levels.ts'

export interface AssembleRowsOptions {
  system: SystemHistoryOptions
  /** The first moment of which anything is taken in, epoch milliseconds. */
  readFrom: number
  /** Rows are made as of this moment and later. */
  rowsFrom: number
  seed: number
  parts: readonly RowPart[]
}

/** Rows that go to one place. */
export interface RowPart {
  horizons: readonly GridHorizon[]
  targets: Range
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
const arrivalsIndex = vectorFeatureNames.indexOf('arrivals_1h')
const capacityIndex = vectorFeatureNames.indexOf('capacity')
const latitudeIndex = vectorFeatureNames.indexOf('latitude')
const longitudeIndex = vectorFeatureNames.indexOf('longitude')
const bikeRateColumn = columnOf('naive_bike_rate')
const dockRateColumn = columnOf('naive_dock_rate')
const departuresColumn = columnOf('naive_departures')
const arrivalsColumn = columnOf('naive_arrivals')
const climatologyColumn = columnOf('naive_climatology')
const anomalyColumn = columnOf('anomaly')

interface Station {
  readonly number: number
  readonly hash: number
  newestAt: number
  /** Since when it has been observed without a break that hides what happened. */
  unbrokenSince: number
  readonly past: StationPast
  readonly bikesIn: ValueIn
  readonly departuresIn: ValueIn
  readonly arrivalsIn: ValueIn
  /** 1 or 0. */
  readonly hadBikeIn: ValueIn
  readonly hadDockIn: ValueIn
}

const isAny = (level: number): number => (Number.isNaN(level) ? level : Number(level >= 1))

export const assembleRows = (options: AssembleRowsOptions): RowAssembly => {
  const { system, rowsFrom, seed } = options
  const history = createSystemHistory(system)
  const calendar = createCalendar(system)
  const shelves = new Map<string | null, ForecastShelf>()
  const past = createSystemPast()
  const levels = createSlotLevels(slotOf(options.readFrom))
  const parts = options.parts.map((part) => ({
    ...part,
    chooser: createHorizonChooser(part),
  }))
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
      hash: hashOfStation(stationId, seed),
      newestAt: Number.NaN,
      unbrokenSince: Number.NaN,
      past: past.of(stationId),
      bikesIn: (slot) => levels.bikesIn(number, slot),
      departuresIn: (slot) => levels.departuresIn(number, slot),
      arrivalsIn: (slot) => levels.arrivalsIn(number, slot),
      hadBikeIn: (slot) => isAny(levels.bikesIn(number, slot)),
      hadDockIn: (slot) => isAny(levels.docksIn(number, slot)),
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

  const makeRow = (
    part: RowPart,
    station: Station,
    asOf: number,
    nowSlot: number,
    targetSlot: number,
  ): void => {
    const targetAt = targetSlot * slotMs
    if (targetAt < part.targets.from || targetAt > part.targets.until) return
    const forecast = shelfOf(weatherLocationOf(system.weatherLocations, vector)).knownAt(asOf)
    const inputs = { calendar, vector, asOf, targetAt, forecast, past: station.past }
    writeTargetFeatures(inputs, values, vectorFeatureNames.length)
    const usual = (valueIn: ValueIn): number => climatology(valueIn, nowSlot, targetSlot)
    values[climatologyColumn] = usual(station.bikesIn)
    values[bikeRateColumn] = usual(station.hadBikeIn)
    values[dockRateColumn] = usual(station.hadDockIn)
    values[departuresColumn] = usual(station.departuresIn)
    values[arrivalsColumn] = usual(station.arrivalsIn)
    values[anomalyColumn] = vector[bikesIndex]! - climatology(station.bikesIn, nowSlot, nowSlot)
    part.addRow(station.number, asOf, targetAt, values)
  }

  return {
    levels,
    stationIds,
    applyWeather: history.applyWeather,
    applyForecast: (forecast) => shelfOf(isOnePoint ? null : forecast.locationId).add(forecast),
    observe: (status) => {
      const outcome = history.observe(status, vector)
      if (outcome !== 'vector' && outcome !== 'late') return
      const { stationId, observedAt, bikes, docks } = status
      past.put(stationId, observedAt, bikes)
      const station = stationOf(stationId)
      levels.put(station.number, observedAt, bikes, docks)
      if (outcome === 'late') return

      const elapsedMs = observedAt - station.newestAt
      station.newestAt = observedAt
      if (!(elapsedMs <= maxIntervalMs)) station.unbrokenSince = observedAt
      const nowSlot = slotOf(observedAt)
      const isHourSeen = observedAt - station.unbrokenSince >= hourMs
      if (isHourSeen)
        levels.putFlows(station.number, nowSlot, vector[departuresIndex]!, vector[arrivalsIndex]!)
      else levels.putFlows(station.number, nowSlot, Number.NaN, Number.NaN)
      past.place(stationId, vector[latitudeIndex]!, vector[longitudeIndex]!, vector[capacityIndex]!)

      if (observedAt < rowsFrom) return
      const sinceVector = Number.isNaN(elapsedMs) ? slotMs : elapsedMs
      for (const part of parts)
        part.chooser.choose(station.hash, observedAt, sinceVector, (ahead) =>
          makeRow(part, station, observedAt, nowSlot, nowSlot + ahead),
        )
    },
  }
}
