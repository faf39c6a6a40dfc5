import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { reconstructLevels } from './reconstruct-levels.ts'

const reconstruct = (net: readonly number[], reports: Record<number, number>, capacity = 10) => {
  const levels = reconstructLevels({
    first: 0,
    last: net.length - 1,
    capacity,
    netAt: (slot) => net[slot] ?? 0,
    reportedAt: (slot) => reports[slot] ?? null,
  })
  return levels && [...levels]
}

test('forward from each report, and back from the first', () => {
  assert.deepEqual(reconstruct([1, 2, -1, 0, 3, -2, 1], { 2: 5, 5: 1 }), [4, 6, 5, 5, 8, 1, 2])
})

test('a level stays between nothing and the capacity, and goes on from there', () => {
  assert.deepEqual(reconstruct([0, 8, 5, -1, -20, 2], { 0: 4 }), [4, 10, 10, 9, 0, 2])
})

test('without a report there is no level', () => {
  assert.equal(reconstruct([1, 2, 3], {}), null)
})

test('where trips are all that moves bikes, any report restores the whole day', () => {
  const day = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 96 })
  fc.assert(
    fc.property(day, fc.nat({ max: 40 }), fc.nat(), (wanted, start, anywhere) => {
      const truth: number[] = []
      const net = wanted.map((change) => {
        const before = truth.at(-1) ?? start
        truth.push(Math.min(40, Math.max(0, before + change)))
        return truth.at(-1)! - before
      })
      const anchor = anywhere % net.length
      assert.deepEqual(reconstruct(net, { [anchor]: truth[anchor]! }, 40), truth)
    }),
  )
})
