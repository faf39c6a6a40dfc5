import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findDrift } from './find-drift.ts'

// Ten million are in the bench `feature-core`.
test('after a million updates the features over 24 h and 168 h are those of a loop, to the last bit', () => {
  assert.deepEqual(findDrift(1_000_000), [])
})
