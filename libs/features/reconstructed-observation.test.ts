import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StationStatus } from '@velocast/schemas'
import { createSystemHistory } from './system-history.ts'
import { vectorFeatureNames } from './vector-features.ts'

const AT = Date.UTC(2026, 0, 5, 12)
const QUARTER_HOUR_MS = 15 * 60_000

const statusAt = (quarter: number, bikes: number, origin: StationStatus['origin']): StationStatus => ({
  systemId: 'test-city',
  stationId: 'a',
  observedAt: AT + quarter * QUARTER_HOUR_MS,
  polledAt: AT + 100 * QUARTER_HOUR_MS,
  reportedAt: null,
  bikes,
  ebikes: null,
  docks: 20 - bikes,
  bikesDisabled: 0,
  docksDisabled: 0,
  isInstalled: true,
  isRenting: true,
  isReturning: true,
  capacity: 20,
  latitude: 52,
  longitude: 13,
  origin,
})

test('what was reconstructed from trips changes no feature, wherever it comes', () => {
  const reported = [0, 1, 3, 4].map((quarter) => statusAt(quarter, 5 + quarter, 'REPORTED'))
  const reconstructed = [-1, 2, 3, 5].map((quarter) => statusAt(quarter, 15, 'RECONSTRUCTED'))
  const vectorsOf = (statuses: readonly StationStatus[]): number[][] => {
    const history = createSystemHistory({ systemId: 'test-city', timeZone: 'UTC', country: 'DE' })
    const vector = new Float32Array(vectorFeatureNames.length)
    return statuses.flatMap((status) => {
      const outcome = history.observe(status, vector)
      if (status.origin === 'RECONSTRUCTED') assert.equal(outcome, 'reconstructed')
      return outcome === 'vector' ? [[...vector]] : []
    })
  }
  const alone = vectorsOf(reported)
  assert.equal(alone.length, 4)
  const mixed = [...reported, ...reconstructed].toSorted((a, b) => a.observedAt - b.observedAt)
  assert.deepEqual(vectorsOf(mixed), alone)
  assert.deepEqual(vectorsOf([...reported, ...reconstructed]), alone)
})
