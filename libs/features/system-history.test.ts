import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StationStatus } from '@velocast/schemas'
import fc from 'fast-check'
import { arrivalsOf, quietStatus, streamStart, timeline, weatherReads } from './generated-streams.ts'
import { createSystemHistory, vectorFeatureNames } from './index.ts'
import type { SystemHistory } from './system-history.ts'

const system = { systemId: 'demo-city', timeZone: 'America/New_York', country: 'US', guardMs: 120_000 }
const newVector = (): Float32Array => new Float32Array(vectorFeatureNames.length).fill(-12345)
const bytesOf = (vector: Float32Array): string => Buffer.from(vector.buffer).toString('hex')

/** The outcome and, where there is one, the vector's bytes, of every observation. */
const observeAll = (history: SystemHistory, statuses: readonly StationStatus[]): string[] =>
  statuses.map((status) => {
    const vector = newVector()
    const outcome = history.observe(status, vector)
    return outcome === 'vector' ? bytesOf(vector) : outcome
  })

const minutes = (count: number): number => count * 60_000

test('a vector is the same whatever comes after it, of observations and of weather', () => {
  fc.assert(
    fc.property(timeline(80), weatherReads, fc.nat(), (statuses, weather, cut) => {
      const kept = statuses.slice(0, (cut % statuses.length) + 1)
      const asOf = kept.at(-1)!.observedAt
      const all = createSystemHistory(system)
      for (const read of weather) all.applyWeather(read)
      const withoutFuture = createSystemHistory(system)
      for (const read of weather) if (read.polledAt <= asOf) withoutFuture.applyWeather(read)
      assert.equal(observeAll(withoutFuture, kept).at(-1), observeAll(all, statuses)[kept.length - 1])
    }),
  )
})

test('the order of arrival does not matter to the vector of the newest observation', () => {
  fc.assert(
    fc.property(
      timeline(80).chain((statuses) => fc.tuple(fc.constant(statuses), fc.shuffledSubarray(statuses))),
      ([statuses, order]) => {
        const newest = {
          ...quietStatus,
          observedAt: statuses.at(-1)!.observedAt + 1,
          polledAt: Number.MAX_VALUE,
        }
        const shuffled = observeAll(createSystemHistory(system), [...order, newest])
        const taken = new Set(order.filter((_, place) => shuffled[place] !== 'too-late'))
        const inTime = statuses.filter((status) => taken.has(status))
        const straight = observeAll(createSystemHistory(system), [...inTime, newest])
        assert.equal(shuffled.at(-1), straight.at(-1))
      },
    ),
  )
})

test('stations and weather may be interleaved in any way', () => {
  fc.assert(
    fc.property(timeline(40), timeline(40), weatherReads, (first, other, weather) => {
      const second = other.map((status) => ({ ...status, stationId: 'station-2' }))
      const apart = createSystemHistory(system)
      for (const read of weather.toReversed()) apart.applyWeather(read)
      const expected = [...observeAll(apart, first), ...observeAll(apart, second)]

      const mixed = createSystemHistory(system)
      const found = new Map<StationStatus, string>()
      const rest = [...weather]
      for (const status of [...first, ...second].sort((a, b) => a.observedAt - b.observedAt)) {
        while (rest[0] && rest[0].polledAt <= status.observedAt) {
          mixed.applyWeather(rest[0])
          mixed.applyWeather(rest.shift()!)
        }
        found.set(status, observeAll(mixed, [status])[0]!)
      }
      assert.deepEqual(
        [...first, ...second].map((status) => found.get(status)),
        expected,
      )
    }),
  )
})

test('a history that was put away and brought back anywhere goes on as if nothing had been', () => {
  fc.assert(
    fc.property(arrivalsOf(timeline(80)), fc.nat(), (statuses, cut) => {
      const before = statuses.slice(0, cut % statuses.length)
      const after = statuses.slice(before.length)
      const unbroken = createSystemHistory(system)
      observeAll(unbroken, before)
      const restored = createSystemHistory(system)
      for (const stationId of unbroken.stationIds()) {
        const bytes = unbroken.snapshot(stationId)
        restored.restore(stationId, bytes)
        assert.deepEqual(restored.snapshot(stationId), bytes)
        assert.equal(restored.newestObservedAt(stationId), unbroken.newestObservedAt(stationId))
      }
      assert.deepEqual(observeAll(restored, after), observeAll(unbroken, after))
    }),
  )
})

test('a snapshot still knows the reading that the oldest slot of the longest window follows', () => {
  const quarter = 15
  const at = (slot: number, bikes: number): StationStatus => {
    const observedAt = streamStart + minutes(slot * quarter)
    return { ...quietStatus, observedAt, polledAt: observedAt, bikes }
  }
  // Empty for the 60 minutes until slot 4, which is the oldest of the 672 that end with slot 675.
  const week = Array.from({ length: 672 }, (_, place) => at(place + 4, 3))
  const unbroken = createSystemHistory(system)
  observeAll(unbroken, [at(0, 0), ...week])
  const restored = createSystemHistory(system)
  restored.restore('station-1', unbroken.snapshot('station-1'))

  const next = { ...at(675, 3), observedAt: at(675, 3).observedAt + 1, polledAt: Number.MAX_VALUE }
  const [expected] = observeAll(unbroken, [next])
  const vector = new Float32Array(Uint8Array.from(Buffer.from(expected!, 'hex')).buffer)
  assert.ok(vector[vectorFeatureNames.indexOf('empty_share_168h')]! > 0)
  assert.deepEqual(observeAll(restored, [next]), [expected])
})

test('a snapshot of another format, or one cut short, is refused', () => {
  const history = createSystemHistory(system)
  observeAll(history, [quietStatus])
  const bytes = history.snapshot('station-1')
  assert.throws(
    () =>
      history.restore(
        'station-1',
        Uint8Array.from(bytes, (b, at) => (at === 0 ? 99 : b)),
      ),
    /99/,
  )
  assert.throws(() => history.restore('station-1', bytes.subarray(0, bytes.length - 1)), /damaged/)
  assert.throws(() => history.restore('station-1', new Uint8Array(0)), /format/)
  assert.throws(() => history.snapshot('station-2'), /station-2/)
})

test('what cannot be true changes nothing', () => {
  const history = createSystemHistory(system)
  const impossible: Partial<StationStatus>[] = [
    { bikes: -1 },
    { bikes: 1.5 },
    { bikes: Number.NaN },
    { bikes: 100_000 },
    { docks: -1 },
    { ebikes: 11 },
    { observedAt: streamStart + 1 },
    { observedAt: Number.NaN },
  ]
  for (const wrong of impossible)
    assert.equal(
      history.observe({ ...quietStatus, ...wrong }, newVector()),
      'impossible',
      JSON.stringify(wrong),
    )
  assert.deepEqual(history.stationIds(), [])
  assert.equal(history.newestObservedAt('station-1'), null)
})

test('an observation is late inside the ring, too late behind it, and a duplicate wherever it is repeated', () => {
  const at = (count: number): StationStatus => {
    const observedAt = streamStart + minutes(count)
    return { ...quietStatus, observedAt, polledAt: observedAt }
  }
  const history = createSystemHistory(system)
  const outcomes = [at(0), at(15), at(7), at(7), at(0), at(15), at(-24 * 60 + 14), at(10 * 24 * 60), at(15)]
  assert.deepEqual(
    outcomes.map((status) => history.observe(status, newVector())),
    ['vector', 'vector', 'late', 'duplicate', 'duplicate', 'duplicate', 'too-late', 'vector', 'too-late'],
  )
})

test('weather is used from the guard interval after it was read on, and not before', () => {
  const read = {
    systemId: 'demo-city',
    locationId: 'centre',
    provider: 'test',
    observedAt: streamStart,
    polledAt: streamStart,
    temperatureC: 21,
    feelsLikeC: 21,
    humidityPercent: 60,
    windSpeedMps: 4,
    precipitationMm: 0,
    cloudCoverPercent: 0,
    pressureHpa: 1013,
    visibilityM: 10_000,
    condition: 'clear',
  }
  const temperature = (observedAt: number): number => {
    const history = createSystemHistory(system)
    history.applyWeather(read)
    const vector = newVector()
    history.observe({ ...quietStatus, observedAt, polledAt: observedAt }, vector)
    return vector[vectorFeatureNames.indexOf('temperature_c')]!
  }
  assert.equal(temperature(streamStart + 119_999), Number.NaN)
  assert.equal(temperature(streamStart + 120_000), 21)
  assert.equal(temperature(streamStart + minutes(360)), 21)
  assert.equal(temperature(streamStart + minutes(360) + 1), Number.NaN)
})

test('weather that comes between two stations of one poll reaches the second only when it was known in time', () => {
  const history = createSystemHistory(system)
  const observedAt = streamStart + minutes(30)
  const observe = (stationId: string): number => {
    const vector = newVector()
    history.observe({ ...quietStatus, stationId, observedAt, polledAt: observedAt }, vector)
    return vector[vectorFeatureNames.indexOf('temperature_c')]!
  }
  const read = (polledAt: number, temperatureC: number) => ({
    systemId: 'demo-city',
    locationId: 'centre',
    provider: 'test',
    observedAt: polledAt,
    polledAt,
    temperatureC,
    feelsLikeC: 0,
    humidityPercent: 0,
    windSpeedMps: 0,
    precipitationMm: 0,
    cloudCoverPercent: 0,
    pressureHpa: 0,
    visibilityM: 0,
    condition: 'clear',
  })
  history.applyWeather(read(streamStart, 5))
  assert.equal(observe('first'), 5)
  history.applyWeather(read(observedAt - 1, 9))
  assert.equal(observe('second'), 5)
  history.applyWeather(read(observedAt - minutes(3), 7))
  assert.equal(observe('third'), 7)
})
