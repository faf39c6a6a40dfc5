import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { avroType, encodeStationFeatures, parseAvro, schemaText, stationFeaturesReader } from './index.ts'

const names = stationFeaturesReader(schemaText('station-features')).names

const headWith = (time: fc.Arbitrary<number>) =>
  fc.record({
    systemId: fc.string({ unit: 'grapheme', maxLength: 200 }),
    stationId: fc.string({ unit: 'grapheme', maxLength: 20 }),
    asOf: time,
    polledAt: time,
  })
const vector = fc.float32Array({ minLength: names.length, maxLength: names.length })

test('the bytes are those that Avro writes field by field', () => {
  const type = avroType('station-features')
  // avsc itself rounds beyond this, some 140,000 years from now.
  const time = fc.integer({ min: -(2 ** 52), max: 2 ** 52 })
  fc.assert(
    fc.property(headWith(time), vector, (head, vector) => {
      const features = Object.fromEntries(names.map((name, index) => [name, vector[index]]))
      assert.deepEqual(encodeStationFeatures(head, vector), type.toBuffer({ ...head, features }))
    }),
  )
})

test('what was encoded is read back, wherever it lies in memory', () => {
  const { read } = stationFeaturesReader(schemaText('station-features'))
  fc.assert(
    fc.property(headWith(fc.maxSafeInteger()), vector, fc.nat(9), (head, vector, before) => {
      const bytes = Buffer.concat([Buffer.alloc(before), encodeStationFeatures(head, vector)])
      assert.deepEqual(read(bytes.subarray(before)), { ...head, vector })
    }),
  )
})

const recordOf = (fields: readonly object[]): string =>
  JSON.stringify({ type: 'record', name: 'StationFeatures', namespace: 'io.velocast', fields })
const headFields = [
  { name: 'systemId', type: 'string' },
  { name: 'stationId', type: 'string' },
  { name: 'asOf', type: { type: 'long', logicalType: 'timestamp-millis' } },
  { name: 'polledAt', type: { type: 'long', logicalType: 'timestamp-millis' } },
]
const featuresField = {
  name: 'features',
  type: {
    type: 'record',
    name: 'FeatureVector',
    fields: ['docks', 'bikes'].map((name) => ({ name, type: 'float', default: 0 })),
  },
}

test("a reader follows its writer's list of features, and fields that it does not know", () => {
  const value = {
    systemId: 'demo-city',
    stationId: 'a',
    asOf: 1,
    polledAt: 2,
    features: { docks: 3, bikes: 4 },
  }
  const extra = { name: 'note', type: 'string', default: '' }
  for (const text of [
    recordOf([...headFields, featuresField]),
    recordOf([...headFields, featuresField, extra]),
  ]) {
    const reader = stationFeaturesReader(text)
    assert.deepEqual(reader.names, ['docks', 'bikes'])
    const bytes = parseAvro(text).toBuffer({ ...value, note: 'later' })
    assert.deepEqual(reader.read(bytes), {
      systemId: 'demo-city',
      stationId: 'a',
      asOf: 1,
      polledAt: 2,
      vector: Float32Array.of(3, 4),
    })
  }
})

test('bytes that are cut short or too long, vectors of another length, and other schemas are refused', () => {
  const { read } = stationFeaturesReader(schemaText('station-features'))
  const bytes = encodeStationFeatures(
    { systemId: 'demo-city', stationId: 'a', asOf: 1, polledAt: 2 },
    new Float32Array(names.length),
  )
  for (let length = 0; length < bytes.length; length++)
    assert.throws(() => read(bytes.subarray(0, length)), /station-features/, `${length} bytes`)
  assert.throws(() => read(Buffer.concat([bytes, Buffer.alloc(1)])), /station-features/)
  assert.throws(
    () => encodeStationFeatures({ systemId: 'x', stationId: 'a', asOf: 1, polledAt: 2 }, new Float32Array(3)),
    /3 floats/,
  )
  assert.throws(() => stationFeaturesReader(recordOf(headFields)), /features/)
})
