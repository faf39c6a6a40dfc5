import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slotMs } from '@velocast/features'
import { createKnowledge } from './knowledge.ts'
import { encodeKnowledge, restoreKnowledge } from './knowledge-snapshot.ts'
import { testNow, testStation, testSystem, testVector, testWeather } from './testing/test-city.ts'

const knownCity = () => {
  const knowledge = createKnowledge(testSystem)
  for (const [index, stationId] of ['a', 'b', 'c'].entries()) {
    knowledge.takeStation(testStation(stationId))
    knowledge.takeVector(testVector(stationId, { bikes: index + 0.25 }))
    for (let back = 0; back < 5; back++)
      knowledge.past.put(stationId, testNow - back * slotMs, 100 * index + back)
  }
  knowledge.takeWeather(testWeather())
  return knowledge
}

test('what is restored from a snapshot is what was known', () => {
  const known = knownCity()
  const restored = createKnowledge(testSystem)
  restoreKnowledge(encodeKnowledge(known), restored)
  assert.deepEqual([...restored.vectors.all()], [...known.vectors.all()])
  assert.deepEqual([...restored.past.all()], [...known.past.all()])
  assert.deepEqual([...restored.stations], [...known.stations])
  assert.deepEqual(restored.weatherForecasts(), known.weatherForecasts())
})

test('the numbers of a snapshot are little-endian, whatever the machine', () => {
  const known = knownCity()
  const bytes = encodeKnowledge(known)
  const vectors = [...known.vectors.all()]
  const floats = vectors.flatMap(({ vector }) => [...vector])
  const levels = [...known.past.all()].flatMap(([, , stored]) => [...stored])
  const floatsAt = 4 + bytes.readUInt32LE(0)
  const levelsAt = floatsAt + 4 * floats.length
  assert.equal(bytes.length, levelsAt + 2 * levels.length)
  assert.deepEqual(
    floats.map((_, index) => bytes.readFloatLE(floatsAt + 4 * index)),
    floats,
  )
  assert.deepEqual(
    levels.map((_, index) => bytes.readUInt16LE(levelsAt + 2 * index)),
    levels,
  )
})
