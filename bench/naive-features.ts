/*
 * The baseline of feature-core: the same features the way one writes them first, a loop over the ring for every window.
 * Only for a station that reports exactly on the grid; feature-core checks that both give the same bytes.
 */

import { createCalendar, slotOf } from '@velocast/features'
import type { StationStatus, WeatherObservation } from '@velocast/schemas'

/** Four weeks, and what rounding to hours adds. */
const ring = 2_704
const lags = [1, 2, 3, 4, 8, 12, 24, 48, 96, 192, 672]
const changes = [1, 2, 4, 12, 96, 672]

interface Station {
  readonly stationId: string
  readonly statuses: (StationStatus | undefined)[]
  readonly departures: Float64Array
  readonly arrivals: Float64Array
  readonly ebikeDepartures: Float64Array
  readonly ebikeArrivals: Float64Array
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
      stationId,
      statuses: new Array<StationStatus | undefined>(ring).fill(undefined),
      departures: new Float64Array(ring),
      arrivals: new Float64Array(ring),
      ebikeDepartures: new Float64Array(ring),
      ebikeArrivals: new Float64Array(ring),
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
      const station = stationOf(status.stationId)
      const { statuses, departures, arrivals, ebikeDepartures, ebikeArrivals } = station
      const now = slotOf(status.observedAt)
      const at = (back: number): number => (now - back) % ring
      const previous = statuses[at(1)]
      const electric = (status.ebikes ?? 0) - (previous?.ebikes ?? status.ebikes ?? 0)
      const pedal = status.bikes - (previous?.bikes ?? status.bikes) - electric
      statuses[at(0)] = status
      departures[at(0)] = Math.max(-electric, 0) + Math.max(-pedal, 0)
      arrivals[at(0)] = Math.max(electric, 0) + Math.max(pedal, 0)
      ebikeDepartures[at(0)] = Math.max(-electric, 0)
      ebikeArrivals[at(0)] = Math.max(electric, 0)

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
      for (const slots of [4, 12, 24, 96, 672]) {
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
        if (slots === 12) write(known / slots)
      }
      const sumOver = (slots: number, values: Float64Array): number => {
        let sum = 0
        for (let back = 0; back < slots; back++) sum += values[at(back)]!
        return sum
      }
      for (const slots of [4, 12, 24, 96]) {
        write(sumOver(slots, departures))
        write(sumOver(slots, arrivals))
      }
      write(sumOver(4, ebikeDepartures))
      write(sumOver(4, ebikeArrivals))
      const minutesWithout = (slots: number, what: 'bikes' | 'docks'): number => {
        let minutes = 0
        for (let back = 1; back <= slots; back++) if (statuses[at(back)]?.[what] === 0) minutes += 15
        return minutes
      }
      for (const slots of [4, 12, 24, 96, 672]) {
        write(minutesWithout(slots, 'bikes') / (slots * 15))
        write(minutesWithout(slots, 'docks') / (slots * 15))
      }
      write(96 * 15 - minutesWithout(96, 'bikes'))
      write(96 * 15 - minutesWithout(96, 'docks'))
      // The bench's stations have no trucks.
      write(0)
      write(Number.NaN)

      const usual = (firstBack: number): number[] =>
        [1, 2, 3, 4].flatMap((week) =>
          [0, 1, 2, 3].flatMap((quarter) => statuses[at(week * 672 + firstBack - quarter)]?.bikes ?? []),
        )
      const meanOf = (levels: readonly number[]): number => levels.reduce((a, b) => a + b, 0) / levels.length
      const levels = usual(now % 4)
      const mean = meanOf(levels)
      const squares = levels.reduce((sum, level) => sum + level * level, 0)
      write(mean)
      write(Math.sqrt(levels.length * squares - levels.reduce((a, b) => a + b, 0) ** 2) / levels.length)
      let known = 0
      for (let back = 0; back < 2_688; back++) if (statuses[at(back)]) known++
      write(known / 2_688)

      const all = [...stations.values()]
      const away = ({ statuses: [other] }: Station): number =>
        other
          ? Math.hypot(other.latitude! - status.latitude!, (other.longitude! - status.longitude!) * shrink)
          : 0
      const shrink = Math.cos((status.latitude! * Math.PI) / 180)
      const neighbours = all
        .filter((other) => other !== station)
        .map((other) => ({ other, distance: away(other) }))
        .sort((a, b) => a.distance - b.distance)
        .slice(0, 5)
        .map(({ other }) => other)
      const levelsOf = (some: readonly Station[], back: number): StationStatus[] =>
        some.flatMap((other) => other.statuses[at(back)] ?? [])
      const fillOf = (some: readonly StationStatus[]): number =>
        some.reduce((sum, { bikes }) => sum + bikes, 0) /
        some.reduce((sum, { capacity }) => sum + capacity!, 0)
      const shareOf = (some: readonly StationStatus[], what: 'bikes' | 'docks'): number =>
        some.filter((level) => level[what] === 0).length / some.length
      const near = levelsOf(neighbours, 1)
      write(fillOf(near))
      write(fillOf(near) - fillOf(levelsOf(neighbours, 5)))
      write(shareOf(near, 'bikes'))
      write(shareOf(near, 'docks'))
      const everywhere = levelsOf(all, 1)
      write(fillOf(everywhere))
      write(fillOf(everywhere) - fillOf(levelsOf(all, 5)))
      write(shareOf(everywhere, 'bikes'))

      const local = calendar.at(status.observedAt)
      write(Math.sin((2 * Math.PI * local.minuteOfDay) / 1440))
      write(Math.cos((2 * Math.PI * local.minuteOfDay) / 1440))
      write(Math.sin((2 * Math.PI * local.weekday) / 7))
      write(Math.cos((2 * Math.PI * local.weekday) / 7))
      write(Number(local.isWeekend))
      write(local.isHoliday)
      write(local.isHolidayEve)
      write(local.isSchoolFree)
      const read = weatherAt(status.observedAt)
      const before = weatherAt(status.observedAt - 3 * 3_600_000)
      write(read?.temperatureC ?? Number.NaN)
      write(read?.feelsLikeC ?? Number.NaN)
      write(read?.humidityPercent ?? Number.NaN)
      write(read?.windSpeedMps ?? Number.NaN)
      write(read?.precipitationMm ?? Number.NaN)
      write(read?.cloudCoverPercent ?? Number.NaN)
      write(read?.pressureHpa ?? Number.NaN)
      write((read?.temperatureC ?? Number.NaN) - (before?.temperatureC ?? Number.NaN))
      write((status.observedAt - (read?.polledAt ?? Number.NaN)) / 60_000)
      write(
        [0, 1, 2].reduce(
          (sum, hours) =>
            sum + (weatherAt(status.observedAt - hours * 3_600_000)?.precipitationMm ?? Number.NaN),
          0,
        ),
      )
    },
  }
}
