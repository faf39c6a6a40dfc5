import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createKnowledge } from '../knowledge.ts'
import type { ServingModel } from '../load-model.ts'
import { createModelHolder } from '../model-holder.ts'
import { testNow, testSystem, testVector } from '../testing/test-city.ts'
import { type AnswerCache, createAnswerCache, originOf } from './answer-cache.ts'
import { BLOCK_BYTES } from './answer-memory.ts'

const system = {
  knowledge: createKnowledge(testSystem),
  holder: createModelHolder<ServingModel>(async () => {}),
}

/** What one answer of a block takes. */
const ENTRY = BLOCK_BYTES + 1_024

const takeText = (cache: AnswerCache<string>, about: string, text: string, origin = originOf(system, 'a')) =>
  cache.take({
    about,
    body: { before: text, after: null },
    origin,
    usesNeighbours: false,
    validUntil: testNow + 1,
  })

const keep = (cache: AnswerCache<string>, key: string, bytes = 1, origin = originOf(system, 'a')): void => {
  const kept = takeText(cache, key, 'x'.repeat(bytes), origin)
  if (kept) cache.put(key, kept)
}

const get = (cache: AnswerCache<string>, key: string, now = testNow): string | undefined =>
  cache.get(key, system, 'a', now)?.about

test('memory is bounded: those that were not asked for the longest go, and what is too large is not kept', () => {
  const cache = createAnswerCache<string>(3 * ENTRY)
  for (const key of ['one', 'two', 'three']) keep(cache, key)
  assert.equal(get(cache, 'one'), 'one')
  keep(cache, 'four')
  assert.equal(get(cache, 'two'), undefined)
  assert.deepEqual(
    ['one', 'three', 'four'].map((key) => get(cache, key)),
    ['one', 'three', 'four'],
  )
  keep(cache, 'four', 2 * BLOCK_BYTES)
  assert.equal(cache.bytes(), ENTRY + ENTRY + BLOCK_BYTES)
  assert.deepEqual(
    ['one', 'three', 'four'].map((key) => get(cache, key)),
    [undefined, 'three', 'four'],
  )
  keep(cache, 'huge', 5 * BLOCK_BYTES)
  assert.equal(get(cache, 'huge'), undefined)
  assert.deepEqual(
    ['three', 'four'].map((key) => get(cache, key)),
    ['three', 'four'],
    'it costs no other its place',
  )
})

test('what does not fit beside its entry, and what is dropped, takes no memory', () => {
  const cache = createAnswerCache<string>(ENTRY)
  for (let time = 0; time < 3; time++) {
    assert.equal(takeText(cache, 'large', 'x'.repeat(BLOCK_BYTES + 1)), null)
    cache.drop(takeText(cache, 'dropped', 'x')!)
  }
  keep(cache, 'one')
  assert.equal(get(cache, 'one'), 'one')
})

test('an answer is read as it was taken, whatever has come and gone meanwhile', () => {
  const cache = createAnswerCache<string>(8 * ENTRY)
  const lengths = [1, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * BLOCK_BYTES, 10]
  for (let round = 0; round < 50; round++) {
    const key = String(round % 7)
    const text = String.fromCharCode(97 + (round % 26)).repeat(lengths[round % lengths.length]!)
    cache.put(key, takeText(cache, text, text)!)
    for (const [, kept] of cache.newest()) assert.equal(cache.read(kept, null), kept.about)
  }
})

test('what changed while the answer was being made makes it untrue from the start', () => {
  const cache = createAnswerCache<string>(2 * ENTRY)
  const before = originOf(system, 'a')
  system.knowledge.takeVector(testVector('a'))
  keep(cache, 'late', 1, before)
  assert.equal(get(cache, 'late'), undefined)
  assert.equal(cache.bytes(), 0)
})

test('time alone ends an answer', () => {
  const cache = createAnswerCache<string>(2 * ENTRY)
  keep(cache, 'one')
  assert.equal(get(cache, 'one', testNow + 1), undefined)
})
