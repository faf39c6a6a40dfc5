/*
 * The baseline of feature-core: the same 80 features the way one writes them first, a loop over the ring for every window.
 * Only for a station that reports exactly on the grid; feature-core checks that both give the same bytes.
 */

import { createCalendar, slotOf } from '@velocast/features'
import type { StationStatus, WeatherObservation } from '@velocast/schemas'

const ring = 680
const quarterMs = 900_000
const lags = [1, 2, 3, 4, 8, 12, 24, 48, 96, 192, 672]
const changes = [1, 2, 4, 12, 96, 672]

interface Station {
  readonly statuses: (StationStatus | undefined)[]
  readonly departures: Float64Array
  readonly arrivals: Float64Array
}

export const createNaiveFeatures = (timeZone: string, country: string) => {
  const calendar = createCalendar({ timeZone, country })
  const stations = new Map<string, Station>()
  const weather: WeatherObservation[] = []

  const weatherAt = (moment: number): WeatherObservation | undefined =>
    weather.findLast((read) => read.polledAt <= moment - 120_000)

  const stationOf = (stationId: string): Station => {
    const known = stations.get(stationId)
    if (known) return known
    const station = {
      statuses: new Array<StationStatus | undefined>(ring).fill(undefined),
      departures: new Float64Array(ring),
      arrivals: new Float64Array(ring),
    }
    stations.set(stationId, station)
    return station
  }

  return {
    applyWeather: (read: WeatherObservation): void => {
      weather.push(read)
      if (weather.length > 50) weather.shift()
    },
    observe: (status: StationStatus, into: Float32Array): void => {
      const { statuses, departures, arrivals } = stationOf(status.stationId)
      const now = slotOf(status.observedAt)
      const at = (back: number): number => (now - back) % ring
      const previous = statuses[at(1)]
      const electric = (status.ebikes ?? 0) - (previous?.ebikes ?? status.ebikes ?? 0)
      const pedal = status.bikes - (previous?.bikes ?? status.bikes) - electric
      statuses[at(0)] = status
      departures[at(0)] = Math.max(-electric, 0) + Math.max(-pedal, 0)
      arrivals[at(0)] = Math.max(electric, 0) + Math.max(pedal, 0)

      let to = 0
      const write = (value: number): void => {
        into[to++] = value
      }
      const capacity = status.capacity ?? Number.NaN
      write(status.bikes)
      write(status.docks ?? Number.NaN)
      write(status.ebikes ?? Number.NaN)
      write(status.bikes === 0 ? Number.NaN : (status.ebikes ?? Number.NaN) / status.bikes)
      write(capacity)
      write(status.bikes / capacity)
      write(status.bikesDisabled)
      write(status.docksDisabled)
      write(Number(status.isInstalled))
      write(Number(status.isRenting))
      write(Number(status.isReturning))
      write((status.observedAt - (status.reportedAt ?? Number.NaN)) / 60_000)
      write(status.latitude ?? Number.NaN)
      write(status.longitude ?? Number.NaN)
      for (const back of lags) write(statuses[at(back)]?.bikes ?? Number.NaN)
      for (const back of changes) write(status.bikes - (statuses[at(back)]?.bikes ?? Number.NaN))
      for (const slots of [4, 12, 96, 672]) {
        let known = 0
        let sum = 0
        let squares = 0
        let low = Number.POSITIVE_INFINITY
        let high = 0
        for (let back = 0; back < slots; back++) {
          const bikes = statuses[at(back)]?.bikes
          if (bikes === undefined) continue
          known++
          sum += bikes
          squares += bikes * bikes
          low = Math.min(low, bikes)
          high = Math.max(high, bikes)
        }
        write(sum / known)
        write(Math.sqrt(known * squares - sum * sum) / known)
        write(low)
        write(high)
        write(known / slots)
      }
      for (const slots of [4, 12, 96]) {
        let left = 0
        let came = 0
        for (let back = 0; back < slots; back++) {
          left += departures[at(back)]!
          came += arrivals[at(back)]!
        }
        write(left)
        write(came)
      }
      for (const slots of [12, 96, 672]) {
        let empty = 0
        let full = 0
        for (let back = 1; back <= slots; back++) {
          const before = statuses[at(back)]
          if (before?.bikes === 0) empty += quarterMs
          if (before?.docks === 0) full += quarterMs
        }
        write(empty / (slots * quarterMs))
        write(full / (slots * quarterMs))
      }
      // The bench's stations have no trucks.
      write(0)
      write(Number.NaN)
      const local = calendar.at(status.observedAt)
      write(Math.sin((2 * Math.PI * local.minuteOfDay) / 1440))
      write(Math.cos((2 * Math.PI * local.minuteOfDay) / 1440))
      write(Math.sin((2 * Math.PI * local.weekday) / 7))
      write(Math.cos((2 * Math.PI * local.weekday) / 7))
      write(Number(local.isWeekend))
      write(local.isHoliday)
      const known = weatherAt(status.observedAt)
      const before = weatherAt(status.observedAt - 3 * 3_600_000)
      write(known?.temperatureC ?? Number.NaN)
      write(known?.feelsLikeC ?? Number.NaN)
      write(known?.humidityPercent ?? Number.NaN)
      write(known?.windSpeedMps ?? Number.NaN)
      write(known?.precipitationMm ?? Number.NaN)
      write(known?.cloudCoverPercent ?? Number.NaN)
      write(known?.pressureHpa ?? Number.NaN)
      write((known?.temperatureC ?? Number.NaN) - (before?.temperatureC ?? Number.NaN))
      write((status.observedAt - (known?.polledAt ?? Number.NaN)) / 60_000)
    },
  }
}
