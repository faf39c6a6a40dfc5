import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type Bundle, forecastQuantities, openBundle } from '@velocast/inference'
import { answerForecast } from './answer-forecast.ts'
import { createKnowledge } from './knowledge.ts'
import type { ServingModel } from './load-model.ts'
import { createModelHolder } from './model-holder.ts'
import { createShadowScoring, type ShadowScoring } from './shadow-scoring.ts'
import {
  fillKnowledge,
  hourMs,
  promotionOf,
  testNow,
  testSystem,
  versionedBundle,
} from './testing/test-city.ts'
import { withRuns, withScore } from './testing/with-score.ts'

const openVersion = async (version: number, base: Record<string, number> = {}): Promise<Bundle> => {
  const { read, manifestSha256 } = versionedBundle(version, { base: { departures_mean: version, ...base } })
  const opened = await openBundle({ read, manifestSha256 })
  assert.ok(opened.ok)
  return opened.bundle
}

const used = await openVersion(1)
const knowledge = createKnowledge(testSystem)
fillKnowledge(knowledge, ['a', 'b'])
const holder = createModelHolder<ServingModel>((model) => model.bundle.release())
await holder.swap({ bundle: used, promotion: promotionOf(versionedBundle(1), 1), loadedAt: testNow })
after(() => holder.close())

const ask = async (shadow?: ShadowScoring) => {
  const outcome = await answerForecast(
    { knowledge, holder, now: testNow, staleAfterMs: hourMs, shadow },
    { stationId: 'a', targetsFrom: (asOf) => [1, 2, 3].map((hours) => asOf + hours * hourMs) },
  )
  assert.ok(outcome.ok)
  return outcome.answer
}

test('a model is asked what the one in use is asked; the answers stay, and the differences are told', async () => {
  const shadow = createShadowScoring(1)
  const lasting = Promise.withResolvers<void>()
  const before = await ask()
  const running = shadow.run(await openVersion(2, { bikes_mean: 1 }), lasting.promise)
  assert.deepEqual((await ask(shadow)).values, before.values)
  lasting.resolve()
  const { figures, problem } = await running
  assert.equal(problem, null)
  assert.deepEqual([figures.questions, figures.moments], [1, 3])
  assert.ok(figures.bikesDifference! > 0)
  assert.equal(figures.probabilityDifference, 0)
  assert.ok(figures.usedMs! >= 0 && figures.shadowMs! >= 0)
})

test('a model that is tried holds nobody up, and is asked one question at a time', async () => {
  const shadow = createShadowScoring(1)
  const asked = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  let runs = 0
  const slow = withScore(await openVersion(2), (score) => async (...rows) => {
    runs++
    asked.resolve()
    await goOn.promise
    return score(...rows)
  })
  const lasting = Promise.withResolvers<void>()
  const running = shadow.run(slow, lasting.promise)
  for (let turn = 0; turn < 3; turn++) await ask(shadow)
  await asked.promise
  assert.equal(runs, 1)
  lasting.resolve()
  goOn.resolve()
  assert.equal((await running).figures.questions, 1)
  await ask(shadow)
  assert.equal(runs, 1, 'nothing is asked once it is over')
})

test('the share of the questions is asked, evenly spread', async () => {
  const shadow = createShadowScoring(0.25)
  const lasting = Promise.withResolvers<void>()
  const counted = withRuns(used)
  const running = shadow.run(counted.bundle, lasting.promise)
  const seen: number[] = []
  for (let turn = 0; turn < 8; turn++) {
    await ask(shadow)
    // What was offered has been scored: the next is not passed over for want of a free model.
    await new Promise((resolve) => setImmediate(resolve))
    seen.push(counted.runs())
  }
  lasting.resolve()
  await running
  assert.deepEqual(seen, [1, 1, 1, 1, 2, 2, 2, 2])
})

test('a model that fails, or says no number where the one in use says one, is ended at once with what is wrong', async () => {
  const never = new Promise(() => {})
  const failing = withScore(used, () => async () => {
    throw new Error('out of memory')
  })
  const shadow = createShadowScoring(1)
  const first = shadow.run(failing, never)
  await ask(shadow)
  assert.equal((await first).problem, 'out of memory')

  const infinite = withScore(used, (score) => async (...rows) => {
    const outputs = await score(...rows)
    return { ...outputs, p_bike: outputs.p_bike!.map(() => Number.NaN) }
  })
  const second = shadow.run(infinite, never)
  await ask(shadow)
  const { problem } = await second
  assert.match(problem ?? '', /is NaN, the model in use says/)
  assert.ok(forecastQuantities.some((quantity) => problem!.includes(`"${quantity}"`)))
})

test('an ended trial rejects, and no question is asked any more', async () => {
  const shadow = createShadowScoring(1)
  const counted = withRuns(used)
  await assert.rejects(shadow.run(counted.bundle, Promise.reject(new Error('overtaken'))), /overtaken/)
  await ask(shadow)
  assert.equal(counted.runs(), 0)
})
