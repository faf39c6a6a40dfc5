import assert from 'node:assert/strict'
import test from 'node:test'
import { planCity } from './plan-city.ts'

const centre = { latitude: 40, longitude: -74 }

test('a city has every district, sizes that vary, and distinct stations', () => {
  for (const count of [4, 60, 400]) {
    const plan = planCity({ seed: 1, stations: count, centre })
    assert.equal(plan.stations.length, count)
    assert.equal(new Set(plan.stations.map(({ district }) => district)).size, 4)
    assert.equal(new Set(plan.stations.map(({ stationId }) => stationId)).size, count)
    assert.equal(new Set(plan.stations.map(({ name }) => name)).size, count)
    for (const { capacity, target, latitude, longitude } of plan.stations) {
      assert.ok(capacity >= 13 && capacity <= 35 && target > 0 && target < capacity)
      assert.ok(Math.hypot(latitude - 40, longitude + 74) < 0.5, 'near its centre')
    }
  }
})

test('neighbours are the nearest others, nearest first', () => {
  const plan = planCity({ seed: 2, stations: 40, centre })
  plan.neighbours.forEach((neighbours, station) => {
    const byDistance = plan.stations
      .map((_, other) => other)
      .filter((other) => other !== station)
      .sort((a, b) => plan.distanceKm(station, a) - plan.distanceKm(station, b))
    assert.deepEqual(neighbours, byDistance.slice(0, neighbours.length))
  })
})

test("the share of e-bikes is the planner's; too small a city is refused", () => {
  assert.equal(planCity({ seed: 1, stations: 10, centre, ebikeShare: 0.5 }).ebikeShare, 0.5)
  assert.throws(() => planCity({ seed: 1, stations: 3, centre }), RangeError)
})
