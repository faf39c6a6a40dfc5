import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { slotMs, slotOf } from '@velocast/features'
import { createSlotLevels } from './slot-levels.ts'

const firstSlot = slotOf(Date.UTC(2026, 2, 1))
const at = (slot: number, offsetMs = 0): number => slot * slotMs + offsetMs

describe('the levels by slot', () => {
  it('keep the newest observation of a slot, in whatever order they come', () => {
    const levels = createSlotLevels(firstSlot)
    levels.put(0, at(firstSlot, 1_000), 5, 7)
    levels.put(0, at(firstSlot, 300_000), 6, 6)
    levels.put(0, at(firstSlot, 200_000), 9, 3)
    assert.equal(levels.bikesIn(0, firstSlot), 6)
    assert.equal(levels.docksIn(0, firstSlot), 6)
  })

  it('count an observation to the slot that is nearest', () => {
    const levels = createSlotLevels(firstSlot)
    const slot = firstSlot + 10
    levels.put(0, at(slot, -slotMs / 2), 1, 1)
    levels.put(0, at(slot, slotMs / 2 - 1), 2, 2)
    levels.put(0, at(slot, slotMs / 2), 3, 3)
    assert.deepEqual(
      [slot - 1, slot, slot + 1].map((each) => levels.bikesIn(0, each)),
      [Number.NaN, 2, 3],
    )
  })

  it('know nothing of what was not observed', () => {
    const levels = createSlotLevels(firstSlot)
    levels.put(3, at(firstSlot + 5), 4, null)
    assert.equal(levels.bikesIn(3, firstSlot + 5), 4)
    assert.equal(levels.docksIn(3, firstSlot + 5), Number.NaN)
    assert.equal(levels.departuresIn(3, firstSlot + 5), Number.NaN)
    for (const [station, slot] of [
      [3, firstSlot + 4],
      [3, firstSlot + 100_000],
      [3, firstSlot - 1],
      [0, firstSlot + 5],
      [9, firstSlot + 5],
    ] as const)
      assert.equal(levels.bikesIn(station, slot), Number.NaN)
  })

  it('leave out what lies before the first slot, without harm to others', () => {
    const levels = createSlotLevels(firstSlot)
    levels.put(0, at(firstSlot - 1), 9, 9)
    levels.putFlows(0, firstSlot - 1, 9, 9)
    assert.equal(levels.bikesIn(0, firstSlot), Number.NaN)
    assert.equal(levels.departuresIn(0, firstSlot), Number.NaN)
  })

  it('take back departures that have turned out not to be known', () => {
    const levels = createSlotLevels(firstSlot)
    levels.putFlows(0, firstSlot, 3, 3)
    assert.equal(levels.departuresIn(0, firstSlot), 3)
    levels.putFlows(0, firstSlot, Number.NaN, Number.NaN)
    assert.equal(levels.departuresIn(0, firstSlot), Number.NaN)
  })

  it('grow with time and keep what they had', () => {
    const levels = createSlotLevels(firstSlot)
    for (let slot = 0; slot < 3_000; slot++) levels.put(1, at(firstSlot + slot), slot % 40, 1)
    for (let slot = 0; slot < 3_000; slot++) assert.equal(levels.bikesIn(1, firstSlot + slot), slot % 40)
  })
})
