import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slotMs, slotOf, slotStart } from './slots.ts'

test('an observation belongs to the nearest slot, on whichever side of its moment it was made', () => {
  const moment = 2_000_000 * slotMs
  for (const offset of [-slotMs / 2, -1, 0, 1, slotMs / 2 - 1])
    assert.equal(slotOf(moment + offset), 2_000_000, `${offset} ms`)
  assert.equal(slotOf(moment - slotMs / 2 - 1), 1_999_999)
  assert.equal(slotOf(moment + slotMs / 2), 2_000_001)
})

test('a slot starts with the first millisecond that belongs to it', () => {
  assert.equal(slotOf(slotStart(2_000_000)), 2_000_000)
  assert.equal(slotOf(slotStart(2_000_000) - 1), 1_999_999)
})
