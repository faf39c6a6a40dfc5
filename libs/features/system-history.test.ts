import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StationStatus } from '@velocast/schemas'
import fc from 'fast-check'
import {
  arrivalsOf,
  city,
  monthsTimeline,
  quietStatus,
  streamStart,
  timeline,
  weatherReads,
} from './generated-streams.ts'
import { createSystemHistory, vectorFeatureNames, warmUpMs } from './index.ts'
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

/** Without what the vector says of the other stations, which is as it was known when the vector was made. */
const stationOwn = (bytes: string): string =>
  vectorFeatureNames
    .map((name, at) => (/^(neighbours|system)_/.test(name) ? '' : bytes.slice(8 * at, 8 * at + 8)))
    .join('')

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

test('weather may come at any time before it is used, and again', () => {
  fc.assert(
    fc.property(timeline(40), weatherReads, (statuses, weather) => {
      const apart = createSystemHistory(system)
      for (const read of weather.toReversed()) apart.applyWeather(read)
      const mixed = createSystemHistory(system)
      const rest = [...weather]
      const found = statuses.map((status) => {
        while (rest[0] && rest[0].polledAt <= status.observedAt) {
          mixed.applyWeather(rest[0])
          mixed.applyWeather(rest.shift()!)
        }
        return observeAll(mixed, [status])[0]
      })
      assert.deepEqual(found, observeAll(apart, statuses))
    }),
  )
})

test('within a poll the order of the stations does not matter', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.nat({ max: 20 }), { minLength: 7, maxLength: 7 }), {
        minLength: 1,
        maxLength: 30,
      }),
      (polls) => {
        const pollOf = (levels: readonly number[], poll: number): StationStatus[] =>
          levels.map((bikes, station) => {
            const observedAt = streamStart + minutes(15 * poll)
            const place = { latitude: 40.7 + (station % 3) / 100, longitude: -74 + station / 100 }
            const stationId = `station-${station}`
            return { ...quietStatus, ...place, stationId, bikes, observedAt, polledAt: observedAt }
          })
        const straight = createSystemHistory(system)
        const reversed = createSystemHistory(system)
        for (const [poll, levels] of polls.entries()) {
          const statuses = pollOf(levels, poll)
          assert.deepEqual(
            observeAll(reversed, statuses.toReversed()).reverse(),
            observeAll(straight, statuses),
          )
        }
      },
    ),
    { numRuns: 30 },
  )
})

test('a system that was put away and brought back anywhere goes on as if nothing had been', () => {
  fc.assert(
    fc.property(arrivalsOf(fc.oneof(timeline(80), city(7, 25))), fc.nat(), (statuses, cut) => {
      const before = statuses.slice(0, cut % statuses.length)
      const after = statuses.slice(before.length)
      const unbroken = createSystemHistory(system)
      observeAll(unbroken, before)
      const restored = createSystemHistory(system)
      // In another order than that in which they came.
      for (const stationId of unbroken.stationIds().toReversed()) {
        const bytes = unbroken.snapshot(stationId)
        restored.restore(stationId, bytes)
        assert.equal(restored.newestObservedAt(stationId), unbroken.newestObservedAt(stationId))
      }
      for (const stationId of unbroken.stationIds())
        assert.deepEqual(restored.snapshot(stationId), unbroken.snapshot(stationId))
      assert.deepEqual(observeAll(restored, after), observeAll(unbroken, after))
    }),
    { numRuns: 60 },
  )
})

test('a history that was started warmUpMs earlier gives the same bytes as one that knows all that was before', () => {
  fc.assert(
    fc.property(arrivalsOf(monthsTimeline), fc.nat({ max: 6 }), (statuses, days) => {
      const from = statuses.at(-1)!.polledAt - days * 24 * minutes(60)
      const sorted = statuses.toSorted((a, b) => a.polledAt - b.polledAt)
      const recent = sorted.filter(({ polledAt }) => polledAt >= from - warmUpMs)
      const due = recent.filter(({ polledAt }) => polledAt >= from).length
      assert.deepEqual(
        observeAll(createSystemHistory(system), recent).slice(-due),
        observeAll(createSystemHistory(system), sorted).slice(-due),
      )
    }),
    { numRuns: 10, endOnFailure: true },
  )
})

test('the last vector of every moment is what it would have been, had nothing come late', () => {
  fc.assert(
    fc.property(arrivalsOf(timeline(100)), (statuses) => {
      const history = createSystemHistory(system)
      const last = new Map<number, string>()
      const taken: StationStatus[] = []
      const lateOnes = new Set<number>()
      for (const status of statuses) {
        const vector = newVector()
        const outcome = history.observe(status, vector)
        if (outcome === 'vector') last.set(status.observedAt, bytesOf(vector))
        if (outcome === 'late') {
          lateOnes.add(status.observedAt)
          history.dependants(status.stationId, status.observedAt, (asOf, again) =>
            last.set(asOf, bytesOf(again)),
          )
        }
        if (outcome === 'vector' || outcome === 'late') taken.push(status)
      }
      const inTime = taken.toSorted((a, b) => a.observedAt - b.observedAt)
      const expected = observeAll(createSystemHistory(system), inTime)
      for (const [place, { observedAt }] of inTime.entries())
        if (last.has(observedAt))
          assert.equal(stationOwn(last.get(observedAt)!), stationOwn(expected[place]!))
        else assert.ok(lateOnes.has(observedAt))
    }),
    { numRuns: 60 },
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
    { bikesDisabled: -1 },
    { latitude: 91 },
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
