import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { schemaText, stationFeaturesReader } from '@velocast/schemas'
import {
  fingerprintOf,
  modelFeatureNames,
  targetFeatureNames,
  targetFeatures,
  vectorFeatureNames,
  vectorFeatures,
} from './index.ts'

test('every feature has a name of its own that can be a column, and says what it is', () => {
  assert.equal(new Set(modelFeatureNames).size, modelFeatureNames.length)
  for (const feature of [...vectorFeatures, ...targetFeatures]) {
    assert.match(feature.name, /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/)
    for (const text of [feature.unit, feature.doc, feature.formula, feature.missingWhen])
      assert.ok(text.length > 0 && !text.includes('|'), feature.name)
    assert.ok(Number.isInteger(feature.version) && feature.version >= 1, feature.name)
  }
})

test("a model's row is the vector and then the target's features", () => {
  assert.deepEqual(modelFeatureNames, [...vectorFeatureNames, ...targetFeatureNames])
})

test('the fingerprint is over names and versions, in order', () => {
  const text = 'bikes@1\nhorizon_hours@1\n'
  assert.equal(fingerprintOf(['bikes', 'horizon_hours']), createHash('sha256').update(text).digest('hex'))
  assert.notEqual(fingerprintOf(['horizon_hours', 'bikes']), fingerprintOf(['bikes', 'horizon_hours']))
  assert.throws(() => fingerprintOf(['bikes', 'no_such_feature']), /"no_such_feature"/)
})

test('the schema of the topic has the features of the vector, in order', () => {
  assert.deepEqual(stationFeaturesReader(schemaText('station-features')).names, vectorFeatureNames)
})

test('what is made from the declarations is up to date', () => {
  const generate = fileURLToPath(new URL('./generate.ts', import.meta.url))
  execFileSync(process.execPath, [generate, '--check'], { stdio: 'pipe' })
})
