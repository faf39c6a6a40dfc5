import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isReached } from './position.ts'

test('what was written up to a position is not written again, unless it is now read from elsewhere', () => {
  const inLog = { part: 'log', at: 10 } as const
  assert.equal(isReached({ part: 'log', at: 9 }, inLog), true)
  assert.equal(isReached({ part: 'log', at: 10 }, inLog), true)
  assert.equal(isReached({ part: 'log', at: 11 }, inLog), false)
  assert.equal(isReached({ part: 'table', at: 9 }, inLog), false)
  assert.equal(isReached({ part: 'log', at: 9 }, { part: 'table', at: 10 }), false)
})
