/*
 * The features once more, for tests only: straight from the sentences in docs/features.md, by loops over a list of all
 * observations, with no ring, no totals and no state. Slow and plain on purpose; it shares no code with what it checks.
 */
import type { StationStatus, WeatherObservation } from '@velocast/schemas'
import Holidays from 'date-holidays'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const QUARTER = 15 * MINUTE

export interface OracleSystem {
  readonly timeZone: string
  readonly country: string
  readonly guardMs: number
}

/**
 * What is expected as of `asOf` for a station, when all of `arrived` have: observations of all stations that were neither
 * impossible nor too late, in the order of their arrival.
 */
export const oracleVector = (
  arrived: readonly StationStatus[],
  stationId: string,
  asOf: number,
  weather: readonly WeatherObservation[],
  system: OracleSystem,
): Map<string, number> => {
  const all = inOrderOfTime(arrived.filter((status) => status.stationId === stationId))
  const known = all.filter((status) => status.observedAt <= asOf)
  const now = known.at(-1)!
  return new Map([
    ...levelNow(now),
    ...earlierLevels(known, now),
    ...windows(known, now),
    ...flows(known, now),
    ...climatology(known, now, system),
    ...surroundings(arrived, now),
    ...calendar(now.observedAt, system),
    ...weatherAt(now.observedAt, weather, system.guardMs),
  ])
}

const inOrderOfTime = (arrived: readonly StationStatus[]): StationStatus[] => {
  const seen = new Set<number>()
  const first = arrived.filter(({ observedAt }) => !seen.has(observedAt) && seen.add(observedAt))
  return first.sort((a, b) => a.observedAt - b.observedAt)
}

const slot = (status: StationStatus): number => Math.round(status.observedAt / QUARTER)

const levelNow = (now: StationStatus): [string, number][] => {
  const sum = now.docks === null ? Number.NaN : now.bikes + now.docks + now.bikesDisabled + now.docksDisabled
  const capacity = now.capacity ?? sum
  const age = now.reportedAt === null ? Number.NaN : (now.observedAt - now.reportedAt) / MINUTE
  return [
    ['bikes', now.bikes],
    ['docks', now.docks ?? Number.NaN],
    ['ebikes', now.ebikes ?? Number.NaN],
    ['ebike_share', now.ebikes === null || now.bikes === 0 ? Number.NaN : now.ebikes / now.bikes],
    ['capacity', capacity],
    ['fill_ratio', capacity === 0 ? Number.NaN : now.bikes / capacity],
    ['bikes_disabled', now.bikesDisabled],
    ['docks_disabled', now.docksDisabled],
    ['is_installed', now.isInstalled ? 1 : 0],
    ['is_renting', now.isRenting ? 1 : 0],
    ['is_returning', now.isReturning ? 1 : 0],
    ['report_age_min', Math.max(age, 0)],
    ['latitude', now.latitude ?? Number.NaN],
    ['longitude', now.longitude ?? Number.NaN],
  ]
}

const levelIn = (known: readonly StationStatus[], wanted: number): number =>
  known.findLast((status) => slot(status) === wanted)?.bikes ?? Number.NaN

const earlierLevels = (known: readonly StationStatus[], now: StationStatus): [string, number][] => {
  const back = (quarters: number): number => levelIn(known, slot(now) - quarters)
  const lags: [string, number][] = [
    ['15m', 1],
    ['30m', 2],
    ['45m', 3],
    ['1h', 4],
    ['2h', 8],
    ['3h', 12],
    ['6h', 24],
    ['12h', 48],
    ['24h', 96],
    ['48h', 192],
    ['168h', 672],
  ]
  const changes: [string, number][] = [
    ['15m', 1],
    ['30m', 2],
    ['1h', 4],
    ['3h', 12],
    ['24h', 96],
    ['168h', 672],
  ]
  return [
    ...lags.map(([name, quarters]): [string, number] => [`bikes_lag_${name}`, back(quarters)]),
    ...changes.map(([name, quarters]): [string, number] => [
      `bikes_change_${name}`,
      now.bikes - back(quarters),
    ]),
  ]
}

const windows = (known: readonly StationStatus[], now: StationStatus): [string, number][] =>
  [1, 3, 6, 24, 168].flatMap((hours): [string, number][] => {
    const bySlot = new Map<number, number>()
    for (const status of known)
      if (slot(status) > slot(now) - hours * 4) bySlot.set(slot(status), status.bikes)
    const levels = [...bySlot.values()]
    const isKnown = levels.length >= hours
    const sum = levels.reduce((a, b) => a + b, 0)
    // The sum of squares about the mean, as the mean over all pairs: in whole numbers, so it has one right answer.
    let pairs = 0
    for (const [at, level] of levels.entries())
      for (const other of levels.slice(at + 1)) pairs += (level - other) ** 2
    const values: [string, number][] = [
      [`bikes_mean_${hours}h`, sum / levels.length],
      [`bikes_sd_${hours}h`, Math.sqrt(pairs) / levels.length],
      [`bikes_min_${hours}h`, Math.min(...levels)],
      [`bikes_max_${hours}h`, Math.max(...levels)],
    ]
    return [
      ...values.map(([name, value]): [string, number] => [name, isKnown ? value : Number.NaN]),
      ...(hours === 3 ? [[`known_share_${hours}h`, levels.length / (hours * 4)] as [string, number]] : []),
    ]
  })

interface Interval {
  readonly slot: number
  readonly endsAt: number
  readonly elapsed: number
  readonly from: StationStatus
  readonly departures: number
  readonly arrivals: number
  readonly ebikeDepartures: number
  readonly ebikeArrivals: number
  readonly isJump: boolean
}

const intervalsOf = (known: readonly StationStatus[]): Interval[] =>
  known.slice(1).flatMap((to, at): Interval[] => {
    const from = known[at]!
    const elapsed = to.observedAt - from.observedAt
    if (elapsed > 60 * MINUTE) return []
    const changes =
      from.ebikes === null || to.ebikes === null
        ? [to.bikes - from.bikes]
        : [to.ebikes - from.ebikes, to.bikes - to.ebikes - (from.bikes - from.ebikes)]
    const isJump = [...changes, to.bikes - from.bikes].some((change) => Math.abs(change) >= 5)
    const ebikes = from.ebikes === null || to.ebikes === null ? 0 : to.ebikes - from.ebikes
    const gains = changes.filter((change) => change > 0)
    const losses = changes.filter((change) => change < 0)
    return [
      {
        slot: slot(to),
        endsAt: to.observedAt,
        elapsed,
        from,
        isJump,
        departures: isJump ? 0 : -losses.reduce((a, b) => a + b, 0),
        arrivals: isJump ? 0 : gains.reduce((a, b) => a + b, 0),
        ebikeDepartures: isJump ? 0 : Math.max(0, -ebikes),
        ebikeArrivals: isJump ? 0 : Math.max(0, ebikes),
      },
    ]
  })

const flows = (known: readonly StationStatus[], now: StationStatus): [string, number][] => {
  const intervals = intervalsOf(known)
  const within = (hours: number): Interval[] =>
    intervals.filter((interval) => interval.slot > slot(now) - hours * 4)
  const sum = (some: readonly Interval[], value: (interval: Interval) => number): number =>
    some.reduce((total, interval) => total + value(interval), 0)
  const elapsed = (interval: Interval): number => interval.elapsed
  const ifCovered = (some: readonly Interval[], hours: number, value: number): number =>
    sum(some, elapsed) >= (hours * HOUR) / 4 ? value : Number.NaN
  const lastHour = within(1)
  const ebikesInHour = (count: (interval: Interval) => number): number =>
    now.ebikes === null ? Number.NaN : ifCovered(lastHour, 1, sum(lastHour, count))

  const jump = intervals.findLast((interval) => interval.isJump)
  const jumpAge = jump ? now.observedAt - jump.endsAt : Number.NaN
  return [
    ...[1, 3, 6, 24].flatMap((hours): [string, number][] => {
      const some = within(hours)
      const departures = sum(some, (interval) => interval.departures)
      const arrivals = sum(some, (interval) => interval.arrivals)
      return [
        [`departures_${hours}h`, ifCovered(some, hours, departures)],
        [`arrivals_${hours}h`, ifCovered(some, hours, arrivals)],
      ]
    }),
    ['ebike_departures_1h', ebikesInHour((interval) => interval.ebikeDepartures)],
    ['ebike_arrivals_1h', ebikesInHour((interval) => interval.ebikeArrivals)],
    ...[1, 3, 6, 24, 168].flatMap((hours): [string, number][] => {
      const some = within(hours)
      const withDocks = some.filter((interval) => interval.from.docks !== null)
      const empty = some.filter((interval) => interval.from.bikes === 0)
      const full = withDocks.filter((interval) => interval.from.docks === 0)
      return [
        [`empty_share_${hours}h`, ifCovered(some, hours, sum(empty, elapsed) / sum(some, elapsed))],
        [`full_share_${hours}h`, ifCovered(withDocks, hours, sum(full, elapsed) / sum(withDocks, elapsed))],
      ]
    }),
    [
      'bike_minutes_24h',
      ifCovered(
        within(24),
        24,
        sum(
          within(24).filter((interval) => interval.from.bikes > 0),
          elapsed,
        ) / MINUTE,
      ),
    ],
    [
      'dock_minutes_24h',
      ifCovered(
        within(24).filter((interval) => interval.from.docks !== null),
        24,
        sum(
          within(24).filter((interval) => interval.from.docks !== null && interval.from.docks > 0),
          elapsed,
        ) / MINUTE,
      ),
    ],
    ['rebalancings_24h', ifCovered(within(24), 24, within(24).filter((interval) => interval.isJump).length)],
    ['rebalancing_age_min', jumpAge <= 168 * HOUR ? jumpAge / MINUTE : Number.NaN],
  ]
}

const climatology = (
  known: readonly StationStatus[],
  now: StationStatus,
  system: OracleSystem,
): [string, number][] => {
  const moment = slot(now) * QUARTER
  const bySlot = new Map(known.map((status) => [slot(status), status.bikes]))
  const start = startOfLocalHour(moment, system.timeZone)
  const levels = [1, 2, 3, 4].flatMap((week) => {
    const before = start - week * 168 * HOUR
    const shift = offsetAt(start, system.timeZone) - offsetAt(before, system.timeZone)
    return [0, 1, 2, 3].flatMap((quarter) => bySlot.get((before + shift) / QUARTER + quarter) ?? [])
  })
  const mean = (levels: readonly number[]): number => levels.reduce((a, b) => a + b, 0) / levels.length
  const squares = levels.flatMap((level, at) => levels.slice(at + 1).map((other) => (level - other) ** 2))
  const month = [...bySlot.keys()].filter((each) => each > slot(now) - 28 * 96)
  return [
    ['climatology_bikes', mean(levels)],
    ['climatology_sd', Math.sqrt(squares.reduce((a, b) => a + b, 0)) / levels.length],
    ['known_share_672h', month.length / (28 * 96)],
  ]
}

const surroundings = (arrived: readonly StationStatus[], now: StationStatus): [string, number][] => {
  const byStation = new Map<string, StationStatus[]>()
  for (const status of arrived)
    byStation.set(status.stationId, [...(byStation.get(status.stationId) ?? []), status])
  const stations = [...byStation].map(([stationId, statuses]) => {
    const known = inOrderOfTime(statuses)
    const { latitude, longitude } = known.at(-1)!
    const at = (wanted: number): StationStatus | undefined => known.findLast((each) => slot(each) <= wanted)
    return { stationId, latitude, longitude, at }
  })
  type Station = (typeof stations)[number]
  const isVisible = arrived.every((status) => slot(now) >= slot(status) - 96)
  const seen = slot(now) - 1
  const levelsOf = (some: readonly Station[], wanted: number): StationStatus[] =>
    isVisible
      ? some
          .map((station) => station.at(wanted))
          .filter((each) => each && wanted - slot(each) <= 12)
          .map((each) => each!)
      : []
  const fill = (some: readonly Station[], wanted: number): number => {
    const levels = levelsOf(some, wanted).flatMap((each) => {
      const capacity = levelNow(each).find(([name]) => name === 'capacity')![1]
      return capacity > 0 ? [{ bikes: each.bikes, capacity }] : []
    })
    return (
      levels.reduce((sum, each) => sum + each.bikes, 0) / levels.reduce((sum, each) => sum + each.capacity, 0)
    )
  }
  const share = (some: readonly Station[], is: (status: StationStatus) => boolean | null): number => {
    const answers = levelsOf(some, seen).flatMap((status) => is(status) ?? [])
    return answers.filter((answer) => answer).length / answers.length
  }
  const self = stations.find(({ stationId }) => stationId === now.stationId)!
  const neighbours = stations
    .filter((station) => station !== self && seen - slot(station.at(seen) ?? { ...now, observedAt: 0 }) < 96)
    .map((station) => ({ station, distance: distance(self, station) }))
    .filter((each) => !Number.isNaN(each.distance))
    .sort((a, b) => a.distance - b.distance || (a.station.stationId < b.station.stationId ? -1 : 1))
    .slice(0, 5)
    .map(({ station }) => station)
  const isEmpty = (status: StationStatus): boolean => status.bikes === 0
  const isFull = (status: StationStatus): boolean | null =>
    status.docks === null ? null : status.docks === 0
  return [
    ['neighbours_fill', fill(neighbours, seen)],
    ['neighbours_fill_change_1h', fill(neighbours, seen) - fill(neighbours, seen - 4)],
    ['neighbours_empty_share', share(neighbours, isEmpty)],
    ['neighbours_full_share', share(neighbours, isFull)],
    ['system_fill', fill(stations, seen)],
    ['system_fill_change_1h', fill(stations, seen) - fill(stations, seen - 4)],
    ['system_empty_share', share(stations, isEmpty)],
  ]
}

type Position = Pick<StationStatus, 'latitude' | 'longitude'>

/** On the plane that touches the earth at `from`, in any unit: it is only compared. */
const distance = (from: Position, to: Position): number => {
  if (from.latitude === null || from.longitude === null || to.latitude === null || to.longitude === null)
    return Number.NaN
  const apart = Math.abs(to.longitude - from.longitude)
  const east = Math.min(apart, 360 - apart) * Math.cos((from.latitude * Math.PI) / 180)
  return Math.hypot(to.latitude - from.latitude, east)
}

const offsetAt = (moment: number, timeZone: string): number => {
  const text = formatOf(timeZone).format(moment)
  return Date.parse(`${text.replace(' ', 'T')}:00Z`) - moment
}

const startOfLocalHour = (moment: number, timeZone: string): number => {
  const local = moment + offsetAt(moment, timeZone)
  return moment - (local - Math.floor(local / HOUR) * HOUR)
}

const formats = new Map<string, Intl.DateTimeFormat>()
const holidayDates = new Map<string, readonly string[]>()

/** Kept, since to make one takes longer than all the rest. */
const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone)
  if (known) return known
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })
  formats.set(timeZone, format)
  return format
}

const holidaysOf = (country: string, year: number, types: readonly string[]): readonly string[] => {
  const key = `${country} ${year} ${types}`
  const known = holidayDates.get(key)
  if (known) return known
  const days = new Holidays(country).getHolidays(year).filter((day) => types.includes(day.type))
  const dates = days.map((day) => day.date.slice(0, 10))
  holidayDates.set(key, dates)
  return dates
}

const calendar = (asOf: number, { timeZone, country }: OracleSystem): [string, number][] => {
  const format = formatOf(timeZone)
  const text = format.format(asOf)
  const [date = '', clock = ''] = text.split(' ')
  const [hour, minute] = clock.split(':').map(Number)
  const dayTurn = (2 * Math.PI * (hour! * 60 + minute!)) / 1440
  const weekday = (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7
  const weekTurn = (2 * Math.PI * weekday) / 7
  const year = Number(date.slice(0, 4))
  const dateAfter = (days: number): string =>
    new Date(Date.parse(date) + days * 24 * HOUR).toISOString().slice(0, 10)
  const isHoliday = (day: string): number =>
    holidaysOf(country, Number(day.slice(0, 4)), ['public']).includes(day) ? 1 : 0
  return [
    ['hour_sin', Math.sin(dayTurn)],
    ['hour_cos', Math.cos(dayTurn)],
    ['weekday_sin', Math.sin(weekTurn)],
    ['weekday_cos', Math.cos(weekTurn)],
    ['is_weekend', weekday >= 5 ? 1 : 0],
    ['is_holiday', isHoliday(date)],
    ['is_holiday_eve', isHoliday(dateAfter(1))],
    ['is_school_free', holidaysOf(country, year, ['public', 'school']).includes(date) ? 1 : 0],
  ]
}

const weatherAt = (
  asOf: number,
  weather: readonly WeatherObservation[],
  guardMs: number,
): [string, number][] => {
  const knownAt = (moment: number): WeatherObservation | undefined =>
    weather
      .filter((read) => read.polledAt <= moment - guardMs && read.polledAt >= moment - 6 * HOUR)
      .sort((a, b) => a.polledAt - b.polledAt || a.observedAt - b.observedAt)
      .at(-1)
  const now = knownAt(asOf)
  const before = knownAt(asOf - 3 * HOUR)
  const missing = Number.NaN
  const rain = [0, 1, 2].map((hours) => knownAt(asOf - hours * HOUR)?.precipitationMm ?? missing)
  return [
    ['temperature_c', now?.temperatureC ?? missing],
    ['feels_like_c', now?.feelsLikeC ?? missing],
    ['humidity_percent', now?.humidityPercent ?? missing],
    ['wind_mps', now?.windSpeedMps ?? missing],
    ['precipitation_mm', now?.precipitationMm ?? missing],
    ['cloud_cover_percent', now?.cloudCoverPercent ?? missing],
    ['pressure_hpa', now?.pressureHpa ?? missing],
    ['temperature_change_3h_c', (now?.temperatureC ?? missing) - (before?.temperatureC ?? missing)],
    ['weather_age_min', now ? (asOf - now.polledAt) / MINUTE : missing],
    ['precipitation_3h_mm', rain[0]! + rain[1]! + rain[2]!],
  ]
}
