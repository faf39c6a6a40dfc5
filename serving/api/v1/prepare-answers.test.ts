import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openBundle } from '@velocast/inference'
import { createKnowledge } from '../knowledge.ts'
import type { ServingModel } from '../load-model.ts'
import { createModelHolder } from '../model-holder.ts'
import { promotionOf, testNow, testSystem, testVector, versionedBundle } from '../testing/test-city.ts'
import { openTestServer } from '../testing/test-server.ts'
import { withRuns } from '../testing/with-score.ts'
import { createAnswerCache, originOf } from './answer-cache.ts'
import { BLOCK_BYTES } from './answer-memory.ts'
import { prepareAnswers } from './prepare-answers.ts'

const path = (stationId: string): string => `/v1/systems/test-city/stations/${stationId}/forecast?hours=3`

const openNext = async (version: number) => {
  const bundle = versionedBundle(version)
  const opened = await openBundle({ read: bundle.read, manifestSha256: bundle.manifestSha256 })
  assert.ok(opened.ok)
  return { bundle: opened.bundle, promotion: promotionOf(bundle, version), loadedAt: testNow }
}

test('what is kept is worked out by the next model before it takes over, from what is known by then', async () => {
  const server = await openTestServer()
  const { holder } = server.system
  server.fill('a', 'b')
  await server.serve(1)
  const ask = async (stationId: string) => {
    const response = await server.app.inject(path(stationId))
    assert.equal(response.statusCode, 200)
    const { model, as_of, forecasts } = response.json()
    return { version: model.version, asOf: as_of, departures: forecasts[0].departures }
  }
  for (const stationId of ['a', 'b', 'a']) assert.equal((await ask(stationId)).version, '1')
  assert.equal(server.runs(), 2)

  const next = await openNext(2)
  const takeOver = await holder.prepare(next, new AbortController().signal)
  assert.equal((await ask('a')).version, '1', 'the old model answers until the swap')
  assert.equal(server.runs(), 2)
  // What comes between makes the prepared answer of this station untrue.
  server.knowledge.takeVector(testVector('b', { asOf: testNow - 1_000 }))
  const drained = holder.swap(next)
  takeOver()
  await drained
  const { version, departures } = await ask('a')
  assert.equal(version, '2')
  assert.equal(departures, 2)
  assert.equal(server.runs(), 2, 'it was there')
  assert.equal((await ask('b')).asOf, new Date(testNow - 1_000).toISOString())
  assert.equal(server.runs(), 3)
  await server.close()
})

test('an overtaken model prepares nothing more', async () => {
  const server = await openTestServer()
  const { holder } = server.system
  server.fill('a')
  await server.serve(1)
  await server.app.inject(path('a'))
  const next = await openNext(2)
  const takeOver = await holder.prepare(next, AbortSignal.abort())
  const drained = holder.swap(next)
  takeOver()
  await drained
  const before = server.runs()
  await server.app.inject(path('a'))
  assert.equal(server.runs(), before + 1)
  await server.close()
})

test('an answer of a model before the one in use is not worked out again', async () => {
  const server = await openTestServer()
  const { holder } = server.system
  server.fill('a')
  await server.serve(1)
  await server.app.inject(path('a'))
  await server.serve(2)
  const next = await openNext(3)
  const { bundle, runs } = withRuns(next.bundle)
  await holder.prepare({ ...next, bundle }, new AbortController().signal)
  assert.equal(runs(), 0)
  await server.close()
})

test('a model that is given up gives back the memory of what it has prepared', async () => {
  const cache = createAnswerCache<string>(2 * BLOCK_BYTES + 2_048)
  const system = {
    knowledge: createKnowledge(testSystem),
    holder: createModelHolder<ServingModel>(async () => {}),
  }
  const answerOf = (bytes: number) => ({
    about: 'of nothing',
    body: { before: 'x'.repeat(bytes), after: null },
    origin: originOf(system, 'a'),
    usesNeighbours: false,
    validUntil: testNow + 1,
  })
  cache.put('kept', cache.take(answerOf(1))!)
  const isKept = () => cache.get('kept', system, 'a', testNow) !== null
  const prepare = (signal: AbortSignal) =>
    prepareAnswers(cache, system, { now: () => testNow }, signal, async () => answerOf(BLOCK_BYTES))

  for (const _ of ['first', 'second', 'third']) {
    const loading = new AbortController()
    await prepare(loading.signal)
    loading.abort()
    assert.ok(isKept())
  }
  const loading = new AbortController()
  const takeOver = await prepare(loading.signal)
  takeOver()
  loading.abort()
  const [[, next] = []] = cache.newest()
  assert.equal(next?.body.bytes, BLOCK_BYTES)
  assert.equal(cache.read(next, null), 'x'.repeat(BLOCK_BYTES), 'it is the one that is put in the place')
})
