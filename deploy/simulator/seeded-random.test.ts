import assert from 'node:assert/strict'
import test from 'node:test'
import { drawsFor, fractionOf, hashOf, normalFrom, poissonFrom, seedFrom } from './seeded-random.ts'

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

test('a key always gives the same numbers, and another key others', () => {
  const first = drawsFor(7, 42)
  const again = drawsFor(7, 42)
  const other = drawsFor(7, 43)
  const numbers = Array.from({ length: 20 }, first)
  assert.deepEqual(Array.from({ length: 20 }, again), numbers)
  assert.notDeepEqual(Array.from({ length: 20 }, other), numbers)
  assert.notEqual(hashOf(1, 2, 3), hashOf(1, 3, 2))
  assert.notEqual(seedFrom('a'), seedFrom('b'))
})

test('fractions are spread evenly over [0, 1)', () => {
  const buckets = new Array<number>(10).fill(0)
  for (let key = 0; key < 20_000; key++) buckets[Math.floor(fractionOf(1, key) * 10)]!++
  for (const count of buckets) assert.ok(Math.abs(count - 2000) < 200, `a tenth holds ${count} of 20,000`)
})

test('Poisson counts have their mean, below and above the split', () => {
  for (const expected of [0, 0.3, 12, 900]) {
    const draw = drawsFor(3, expected * 10)
    const found = mean(Array.from({ length: 3000 }, () => poissonFrom(draw, expected)))
    assert.ok(Math.abs(found - expected) <= 0.1 * expected, `mean ${found} for ${expected}`)
  }
})

test('normal deviates have mean 0 and variance 1', () => {
  const draw = drawsFor(5, 1)
  const values = Array.from({ length: 10_000 }, () => normalFrom(draw))
  assert.ok(Math.abs(mean(values)) < 0.05)
  assert.ok(Math.abs(mean(values.map((value) => value ** 2)) - 1) < 0.06)
})
