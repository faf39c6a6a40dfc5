import assert from 'node:assert/strict'
import test from 'node:test'
import { createLocalTime } from '../local-time.ts'
import { createWeatherModel, type WeatherModel } from '../weather/weather-model.ts'
import { bikesAt, type CityState, countFleet, freeDocksAt } from './city-state.ts'
import { type City, createCity } from './create-city.ts'
import { type District, planCity } from './plan-city.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** A Monday, midnight in Berlin. */
const MONDAY = Date.UTC(2026, 4, 10, 22)
const localTime = createLocalTime('Europe/Berlin')
const centre = { latitude: 52.52, longitude: 13.405 }

const cityOf = (seed: number, stations: number, weather?: WeatherModel): City =>
  createCity({
    plan: planCity({ seed, stations, centre }),
    localTime,
    weather: weather ?? createWeatherModel({ seed, latitude: centre.latitude, localTime }),
  })

/** What can be seen of a state, as plain values that do not change with it. */
const seen = (state: CityState) => ({
  pedalBikes: [...state.pedalBikes],
  ebikes: [...state.ebikes],
  broken: [...state.brokenPedalBikes, ...state.brokenEbikes],
  reported: [...state.reportedSeconds],
  trips: state.trips,
  lostDepartures: state.lostDepartures,
})

const fillOf = (city: City, district: District, at: number): number => {
  const state = city.stateAt(at)
  let bikes = 0
  let capacity = 0
  city.plan.stations.forEach((station, index) => {
    if (station.district !== district) return
    bikes += state.pedalBikes[index]! + state.ebikes[index]!
    capacity += station.capacity
  })
  return bikes / capacity
}

/** A working day's mean over the days of two weeks. */
const workdayFill = (city: City, district: District, hour: number): number => {
  const days = [0, 1, 2, 3, 7, 8, 9, 10]
  return (
    days.reduce((sum, day) => sum + fillOf(city, district, MONDAY + day * DAY_MS + hour * HOUR_MS), 0) /
    days.length
  )
}

test('a moment has the same state whatever was asked before', () => {
  const moments = [0, 3 * HOUR_MS, 9 * HOUR_MS, 9 * HOUR_MS + MINUTE_MS, 2 * DAY_MS, 9 * DAY_MS].map(
    (ms) => MONDAY + ms,
  )
  const forwards = cityOf(1, 20)
  const expected = moments.map((at) => seen(forwards.stateAt(at)))
  const backwards = cityOf(1, 20)
  const found = moments.toReversed().map((at) => seen(backwards.stateAt(at)))
  assert.deepEqual(found.toReversed(), expected)
  const hopping = cityOf(1, 20)
  for (const index of [3, 0, 5, 1, 4, 2, 3])
    assert.deepEqual(seen(hopping.stateAt(moments[index]!)), expected[index])
  for (const index of [0, 3, 5])
    assert.deepEqual(seen(cityOf(1, 20).stateAt(moments[index]!)), expected[index])
})

test('another seed is another city', () => {
  assert.notDeepEqual(seen(cityOf(1, 20).stateAt(MONDAY)), seen(cityOf(2, 20).stateAt(MONDAY)))
})

test('within a minute nothing changes, and the next minute may', () => {
  const city = cityOf(1, 60)
  const at = MONDAY + 8 * HOUR_MS
  const before = seen(city.stateAt(at))
  assert.deepEqual(seen(city.stateAt(at + MINUTE_MS - 1)), before)
  assert.notDeepEqual(seen(city.stateAt(at + MINUTE_MS)), before)
})

test('no bike is lost or made, no station overfilled, at any minute of a week', () => {
  const city = cityOf(3, 30)
  for (let at = MONDAY; at < MONDAY + 7 * DAY_MS; at += MINUTE_MS) {
    const state = city.stateAt(at)
    const { parked, riding, onTrucks } = countFleet(state)
    assert.equal(parked + riding + onTrucks, city.plan.fleet, `at ${new Date(at).toISOString()}`)
    for (let station = 0; station < city.plan.stations.length; station++)
      assert.ok(bikesAt(state, station) <= city.plan.stations[station]!.capacity)
  }
})

test('the fleet stays whole where a quarter of the year begins, and is back at its places', () => {
  const city = cityOf(3, 30)
  const newQuarter = Date.UTC(2026, 3, 1)
  city.stateAt(newQuarter - MINUTE_MS)
  const { parked, riding, onTrucks } = countFleet(city.stateAt(newQuarter))
  assert.deepEqual({ parked, riding, onTrucks }, { parked: city.plan.fleet, riding: 0, onTrucks: 0 })
})

test('on working days offices fill in the morning and empty in the evening, homes the other way round', () => {
  const city = cityOf(1, 60)
  const [night, noon, evening] = [6, 11, 20]
  assert.ok(workdayFill(city, 'office', noon!) - workdayFill(city, 'office', night!) > 0.3)
  assert.ok(workdayFill(city, 'office', noon!) - workdayFill(city, 'office', evening!) > 0.3)
  assert.ok(workdayFill(city, 'residential', night!) - workdayFill(city, 'residential', noon!) > 0.15)
  const saturdayNoon = fillOf(city, 'office', MONDAY + 5 * DAY_MS + 11 * HOUR_MS)
  assert.ok(workdayFill(city, 'office', noon!) - saturdayNoon > 0.3, 'nobody commutes on a Saturday')
})

test('trucks move five bikes and more at once, most of them at night', () => {
  const city = cityOf(1, 60)
  const jumps = { night: 0, day: 0 }
  let before = seen(city.stateAt(MONDAY))
  for (let at = MONDAY + MINUTE_MS; at < MONDAY + 7 * DAY_MS; at += MINUTE_MS) {
    const after = seen(city.stateAt(at))
    const hour = localTime.hourOfDay(at)
    for (let station = 0; station < 60; station++) {
      const bikes = (state: typeof after): number => state.pedalBikes[station]! + state.ebikes[station]!
      if (Math.abs(bikes(after) - bikes(before)) >= 5) jumps[hour >= 21.5 || hour < 6 ? 'night' : 'day']++
    }
    before = after
  }
  assert.ok(jumps.night >= 7 * 6, `${jumps.night} jumps in seven nights`)
  assert.ok(jumps.night > 2 * jumps.day, JSON.stringify(jumps))
})

test('stations run empty and full, and the demand there is lost, not seen', () => {
  const city = cityOf(1, 60)
  let empty = 0
  let full = 0
  for (let at = MONDAY; at < MONDAY + 5 * DAY_MS; at += 15 * MINUTE_MS) {
    const state = city.stateAt(at)
    const conditions = city.conditionsAt(at)
    for (let station = 0; station < 60; station++) {
      if (state.pedalBikes[station]! + state.ebikes[station]! === 0) empty++
      if (freeDocksAt(city.plan, conditions, state, station) === 0) full++
    }
  }
  const asked = 5 * 96 * 60
  assert.ok(empty / asked > 0.01 && empty / asked < 0.2, `empty ${empty / asked}`)
  assert.ok(full / asked > 0.01 && full / asked < 0.2, `full ${full / asked}`)
  const { lostDepartures, trips } = city.stateAt(MONDAY + 5 * DAY_MS)
  assert.ok(lostDepartures > 0.02 * trips && lostDepartures < 0.4 * trips, `${lostDepartures} of ${trips}`)
})

test('rain and cold keep people off their bikes', () => {
  const mild = createWeatherModel({ seed: 1, latitude: 45, localTime })
  const tripsIn = (change: object): number => {
    const weather: WeatherModel = {
      ...mild,
      observedAt: (at) => ({
        ...mild.observedAt(at),
        temperatureC: 20,
        precipitationMmPerHour: 0,
        ...change,
      }),
    }
    const city = cityOf(1, 60, weather)
    const before = city.stateAt(MONDAY).trips
    return city.stateAt(MONDAY + DAY_MS).trips - before
  }
  const fine = tripsIn({})
  assert.ok(fine > 500, `${fine} trips on a fine day`)
  assert.ok(tripsIn({ precipitationMmPerHour: 2 }) < 0.7 * fine)
  assert.ok(tripsIn({ temperatureC: -5 }) < 0.7 * fine)
})

test('bikes break and are mended', () => {
  const city = cityOf(1, 60)
  const broken = Array.from({ length: 28 }, (_, day) =>
    seen(city.stateAt(MONDAY + day * DAY_MS)).broken.reduce((sum, count) => sum + count, 0),
  )
  assert.ok(Math.max(...broken) > 0)
  assert.ok(Math.max(...broken) < 0.1 * city.plan.fleet, String(broken))
})

test('weeks of a city of 60 are stepped through in moments', () => {
  const city = cityOf(1, 60)
  city.stateAt(MONDAY)
  const before = process.cpuUsage()
  for (let at = MONDAY; at <= MONDAY + 35 * DAY_MS; at += 15 * MINUTE_MS) city.stateAt(at)
  const { user, system } = process.cpuUsage(before)
  assert.ok((user + system) / 1000 < 2000, `${(user + system) / 1000} ms for five weeks`)
})
