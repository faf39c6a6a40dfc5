import assert from 'node:assert/strict'
import { test } from 'node:test'
import { vectorFeatureNames } from '@velocast/features'
import { generateLog, vectorsByLibrary } from './city-log.ts'

/** What a day is follows from the date at which the test runs. */
const byDate = ['is_holiday', 'is_holiday_eve', 'is_school_free']

test('every feature takes different values: one that never moves is compared in vain', () => {
  const log = generateLog({
    systemId: 'city',
    seed: 7,
    stations: 40,
    polls: 700,
    firstAt: Date.UTC(2026, 4, 1),
  })
  const valuesOf = vectorFeatureNames.map(() => new Set<number>())
  for (const bytes of vectorsByLibrary(
    { systemId: 'city', timeZone: 'Europe/Oslo', country: 'NO' },
    log,
  ).values()) {
    const vector = new Float32Array(new Uint8Array(bytes).buffer)
    for (const [index, values] of valuesOf.entries()) if (values.size < 2) values.add(vector[index]!)
  }
  const constant = vectorFeatureNames.filter((_, index) => valuesOf[index]!.size < 2)
  assert.deepEqual(
    constant.filter((name) => !byDate.includes(name)),
    [],
  )
})
