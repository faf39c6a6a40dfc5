/** What a target looks back at, beside loops over the observations, straight from the sentences in docs/features.md. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  createCalendar,
  createSystemPast,
  isPastKnown,
  slotMs,
  slotOf,
  targetFeatureNames,
  vectorFeatureNames,
  writeTargetFeatures,
} from './index.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
// The clocks change on March 29th, between what is looked back at and the targets.
const calendar = createCalendar({ timeZone: 'Europe/Oslo', country: 'NO' })
const asOf = Date.UTC(2026, 3, 8, 9, 7)

interface Seen {
  at: number
  bikes: number
}

const ROOM = 20
const vectorOf = (bikes: number): Float32Array => {
  const vector = new Float32Array(vectorFeatureNames.length)
  const named = { bikes, docks: ROOM - bikes, capacity: 22, climatology_bikes: 4 }
  for (const [name, value] of Object.entries(named)) vector[vectorFeatureNames.indexOf(name)] = value
  return vector
}

const featuresOf = (seen: readonly Seen[], targetAt: number, bikes = 8): Map<string, number> => {
  const past = createSystemPast()
  past.place('a', 59.9, 10.7, 22)
  past.place('near', 59.91, 10.7, 10)
  for (const each of seen) past.put('a', each.at, each.bikes)
  for (let day = 1; day <= 28; day++)
    for (let slot = 0; slot < 96; slot++) past.put('near', asOf - day * dayMs + slot * slotMs, 5)
  const into = new Float32Array(targetFeatureNames.length)
  const inputs = { calendar, vector: vectorOf(bikes), asOf, targetAt, forecast: null, past: past.of('a') }
  writeTargetFeatures(inputs, into, 0)
  return new Map(targetFeatureNames.map((name, index) => [name, into[index]!]))
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** By loops; of observations that are in the order of time. */
const expectedOf = (seen: readonly Seen[], targetAt: number): Map<string, number> => {
  const levels = new Map<number, number>()
  for (const each of seen) if (slotOf(each.at) <= slotOf(asOf)) levels.set(slotOf(each.at), each.bikes)
  const localHour = (moment: number): number => Math.floor((moment + calendar.offsetAt(moment)) / hourMs)
  const isFree = (moment: number): boolean => {
    const local = calendar.at(moment)
    return local.isWeekend || local.isHoliday === 1
  }
  /** Slots whose local hour is that of the target, so many days before. */
  const slotsOf = (day: number): number[] => {
    const wanted = localHour(targetAt) - 24 * day
    const around = slotOf(targetAt) - 96 * day
    return Array.from({ length: 25 }, (_, index) => around - 12 + index).filter(
      (slot) => localHour(slot * slotMs) === wanted && slot <= slotOf(asOf),
    )
  }
  const days = Array.from({ length: 28 }, (_, index) => index + 1).filter((day) => slotsOf(day).length > 0)
  const known = (of: readonly number[]): number[] =>
    of.flatMap(slotsOf).flatMap((slot) => levels.get(slot) ?? [])
  const week = known(days.filter((day) => day % 7 === 0))
  const ofKind = days.filter((day) => isFree(slotsOf(day)[0]! * slotMs) === isFree(targetAt))
  const usual = known(ofKind)
  const changes = ofKind.flatMap(slotsOf).flatMap((slot) => {
    const change = (levels.get(slot) ?? Number.NaN) - (levels.get(slot - 1) ?? Number.NaN)
    return Number.isNaN(change) ? [] : [change]
  })
  const climatology = week.length > 0 ? mean(week) : 22 * 0.5
  const jump = Math.max(5, 4 * mean(changes.map(Math.abs)))
  const flow = (sign: number): number =>
    4 * mean(changes.map((change) => (change * sign > 0 && Math.abs(change) < jump ? Math.abs(change) : 0)))
  const daysBack = Math.ceil((slotOf(targetAt) - slotOf(asOf)) / 96)
  const yesterdays = Array.from(
    { length: 7 },
    (_, day) => slotOf(targetAt) - 96 * (Math.max(1, daysBack) + day),
  )
  return new Map([
    ['target_climatology_bikes', climatology],
    ['target_climatology_sd', Math.sqrt(mean(week.map((each) => (each - mean(week)) ** 2)))],
    ['target_climatology_change', climatology - 4],
    ['target_usual_bikes', mean(usual)],
    ['target_usual_empty_share', mean(usual.map((each) => Number(each === 0)))],
    ['target_usual_full_share', mean(usual.map((each) => Number(each >= ROOM)))],
    ['target_usual_departures', flow(-1)],
    ['target_usual_arrivals', flow(1)],
    ['target_recent_bikes', mean(known(days.slice(0, 7)))],
    ['target_bikes_yesterday', yesterdays.flatMap((slot) => levels.get(slot) ?? [])[0] ?? Number.NaN],
    [
      'target_bikes_last_week',
      levels.get(slotOf(targetAt) - 672 * Math.max(1, Math.ceil((slotOf(targetAt) - slotOf(asOf)) / 672))) ??
        Number.NaN,
    ],
  ])
}

/** From asOf backwards: most of the time a slot follows a slot; now and then there is a hole of hours. */
const stream = fc
  .array(fc.record({ gap: fc.integer({ min: 1, max: 40 }), bikes: fc.integer({ min: 0, max: 22 }) }), {
    minLength: 1,
    maxLength: 900,
    size: 'max',
  })
  .map((steps) => {
    let at = asOf
    const seen: Seen[] = []
    for (const { gap, bikes } of steps) {
      seen.unshift({ at, bikes })
      at -= gap > 37 ? gap * hourMs : gap > 8 ? slotMs : gap * slotMs
    }
    return seen
  })

describe('what was seen at the target’s time', () => {
  test('is what loops over the observations find, over a change of the clocks, holidays and holes', () => {
    let compared = 0
    fc.assert(
      fc.property(
        stream,
        fc.integer({ min: 1, max: 672 }),
        fc.integer({ min: 0, max: 20 }),
        (seen, ahead, bikes) => {
          const targetAt = (slotOf(asOf) + ahead) * slotMs
          const found = featuresOf(seen, targetAt, bikes)
          for (const [name, expected] of expectedOf(seen, targetAt)) {
            const value = found.get(name)!
            const isSame = Number.isNaN(expected) ? Number.isNaN(value) : Math.abs(value - expected) < 1e-4
            assert.ok(isSame, `${name} ${ahead} slots ahead: ${value}, by loops ${expected}`)
            if (!Number.isNaN(expected)) compared++
          }
        },
      ),
      { numRuns: 100, endOnFailure: true },
    )
    assert.ok(compared > 500, `${compared} known values were compared`)
  })

  test('a rush that comes every day is riders, however many; a load that came once is a truck’s', () => {
    const targetAt = Date.UTC(2026, 3, 9, 15)
    const days = Array.from({ length: 27 }, (_, index) => 27 - index)
    // Eight bikes leave in every quarter of an hour; a load of 200 came in one of them.
    const seen = days.flatMap((day) =>
      [-1, 0, 1, 2, 3].map((slot) => ({
        at: targetAt - day * dayMs + slot * slotMs,
        bikes: 60 - 8 * slot + (day === 9 && slot >= 2 ? 200 : 0),
      })),
    )
    const features = featuresOf(seen, targetAt)
    // Four days with work since the clocks were changed and not at Easter: 15 of 16 quarters.
    assert.equal(features.get('target_usual_departures'), (32 * 15) / 16)
    assert.equal(features.get('target_usual_arrivals'), 0)
  })

  test('does not change with what is seen after asOf', () => {
    fc.assert(
      fc.property(stream, fc.integer({ min: 1, max: 672 }), (seen, ahead) => {
        const targetAt = (slotOf(asOf) + ahead) * slotMs
        const future = Array.from({ length: 96 }, (_, slot) => ({ at: asOf + (slot + 1) * slotMs, bikes: 3 }))
        const known = seen.filter(({ at }) => at > asOf - 27 * dayMs)
        assert.deepEqual(featuresOf([...known, ...future], targetAt), featuresOf(known, targetAt))
      }),
      { numRuns: 60 },
    )
  })

  test('is that of the neighbours where the station has no past, and is said to be', () => {
    const targetAt = (slotOf(asOf) + 96) * slotMs
    assert.equal(featuresOf([{ at: asOf, bikes: 3 }], targetAt).get('target_climatology_bikes'), 11)
    const past = createSystemPast()
    past.put('a', asOf, 3)
    assert.equal(isPastKnown(past.of('a'), targetAt, asOf), false)
    past.put('a', targetAt - 7 * dayMs, 3)
    past.put('a', asOf, 3)
    assert.equal(isPastKnown(past.of('a'), targetAt, asOf), true)
  })
})
