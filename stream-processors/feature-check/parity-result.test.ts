import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Comparison } from '@velocast/replay'
import { parityResult } from './parity-result.ts'

const nothing: Comparison = {
  equal: 0,
  different: 0,
  missingInTable: 0,
  missingExample: null,
  missingInReplay: 0,
  hoursWithMore: [],
  features: [],
}
const bikes = {
  feature: 'bikes',
  rows: 2,
  largest: 3.5,
  example: { stationId: 'a', asOf: 0, polledAt: 1, stored: 1, replayed: 4.5 },
}
const verdictOn = (found: Partial<Comparison>) => {
  const { status, actual, value, detail } = parityResult('oslo', 7, { ...nothing, ...found })
  return { status, actual, value, detail }
}

test('equal vectors pass with a difference of 0', () => {
  assert.deepEqual(verdictOn({ equal: 5 }), {
    status: 'PASS',
    actual: '0',
    value: 0,
    detail: '5 of 5 vectors are in the table as they are computed now',
  })
})

test('a difference fails, and is named with its size', () => {
  const { status, value, detail } = verdictOn({ equal: 5, different: 2, features: [bikes] })
  assert.deepEqual([status, value], ['FAIL', 3.5])
  assert.match(detail!, /bikes in 2 rows, such as station a as of 1970.*: 1 in the table, 4.5 computed/)
})

test('a number beside NaN fails though there is no difference to give', () => {
  const verdict = verdictOn({ equal: 5, different: 2, features: [{ ...bikes, largest: null }] })
  assert.deepEqual([verdict.status, verdict.actual], ['FAIL', 'NaN'])
})

test('what is not in the table yet, and nothing at all, are warnings; what follows from nothing fails', () => {
  assert.equal(verdictOn({ equal: 5, missingInTable: 1 }).status, 'WARN')
  assert.equal(verdictOn({}).status, 'WARN')
  assert.equal(verdictOn({ equal: 5, missingInReplay: 1 }).status, 'FAIL')
})
