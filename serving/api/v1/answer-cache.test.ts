import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createKnowledge } from '../knowledge.ts'
import type { ServingModel } from '../load-model.ts'
import { createModelHolder } from '../model-holder.ts'
import { testNow, testSystem, testVector } from '../testing/test-city.ts'
import { createAnswerCache, originOf } from './answer-cache.ts'

const system = {
  knowledge: createKnowledge(testSystem),
  holder: createModelHolder<ServingModel>(async () => {}),
}

const keep = (
  cache: ReturnType<typeof createAnswerCache<string>>,
  key: string,
  bytes: number,
  origin = originOf(system, 'a'),
) => cache.put(key, { value: key, origin, usesNeighbours: false, validUntil: testNow + 1, bytes })

test('memory is bounded: those that were not asked for the longest go, and what is too large is not kept', () => {
  const cache = createAnswerCache<string>(100)
  for (const key of ['one', 'two', 'three']) keep(cache, key, 30)
  assert.equal(cache.get('one', system, 'a', testNow), 'one')
  keep(cache, 'four', 30)
  assert.equal(cache.get('two', system, 'a', testNow), null)
  assert.deepEqual(
    ['one', 'three', 'four'].map((key) => cache.get(key, system, 'a', testNow)),
    ['one', 'three', 'four'],
  )
  keep(cache, 'huge', 101)
  assert.equal(cache.get('huge', system, 'a', testNow), null)
  keep(cache, 'four', 10)
  assert.equal(cache.bytes(), 70)
})

test('what changed while the answer was being made makes it untrue from the start', () => {
  const cache = createAnswerCache<string>(100)
  const before = originOf(system, 'a')
  system.knowledge.takeVector(testVector('a'))
  keep(cache, 'late', 10, before)
  assert.equal(cache.get('late', system, 'a', testNow), null)
  assert.equal(cache.bytes(), 0)
})

test('time alone ends an answer', () => {
  const cache = createAnswerCache<string>(100)
  keep(cache, 'one', 10)
  assert.equal(cache.get('one', system, 'a', testNow + 1), null)
})
