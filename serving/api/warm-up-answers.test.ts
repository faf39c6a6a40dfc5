import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPredictor } from './predictor.ts'
import { testClock, testSystem } from './testing/test-city.ts'
import { openTestServer } from './testing/test-server.ts'
import { warmUpAnswers } from './warm-up-answers.ts'

const openCity = async () => {
  const server = await openTestServer()
  const stations = Array.from({ length: 9 }, (_, index) => `station-${index}`)
  server.fill(...stations)
  let counted = 0
  let asked = 0
  const { holder } = server.system
  const system = {
    ...server.system,
    holder: {
      ...holder,
      use: (...args: Parameters<typeof holder.use>) => {
        asked++
        return holder.use(...args)
      },
    } as typeof holder,
  }
  const predictor = createPredictor(new Map([[testSystem.systemId, system]]), testClock, 1, {
    onForecast: () => counted++,
  })
  return { ...server, predictor, asked: () => asked, counted: () => counted }
}

test('answers for the known stations are worked out and count nowhere', async () => {
  const city = await openCity()
  await city.serve(1)
  await warmUpAnswers(city.predictor)
  // Two stations a group.
  assert.equal(city.asked(), 5)
  assert.equal(city.counted(), 0)
  await city.close()
})

test('a large city is left when it is enough, and one without a model at once', async () => {
  const city = await openCity()
  await warmUpAnswers(city.predictor)
  assert.equal(city.asked(), 0)
  await city.serve(1)
  let now = 0
  await warmUpAnswers(city.predictor, () => (now += 150))
  assert.equal(city.asked(), 1)
  await city.close()
})
