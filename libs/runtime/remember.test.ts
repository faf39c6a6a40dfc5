import assert from 'node:assert/strict'
import { test } from 'node:test'
import { remember } from './remember.ts'

test('what is known is not made again, until there are too many', () => {
  const made: number[] = []
  const double = remember(2, (key: number) => {
    made.push(key)
    return 2 * key
  })
  assert.deepEqual([1, 2, 1, 2].map(double), [2, 4, 2, 4])
  assert.deepEqual(made, [1, 2])
  assert.deepEqual([3, 3, 1].map(double), [6, 6, 2])
  assert.deepEqual(made, [1, 2, 3, 1])
})
