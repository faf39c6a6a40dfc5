import assert from 'node:assert/strict'
import { test } from 'node:test'
import { vectorFeatureNames } from '@velocast/features'
import { featureColumnsIn, featureMigration } from './generate-feature-migration.ts'
import { readMigrations } from './migration-files.ts'

test('every feature of the registry has a column', () => {
  const columns = featureColumnsIn(readMigrations())
  assert.deepEqual(
    vectorFeatureNames.filter((name) => !columns.has(name)),
    [],
  )
})

test('what is written is found again', () => {
  const features = ['bikes', 'bikes_lag_24h'].map((name) => ({ name, unit: 'bikes', doc: "The operator's." }))
  const sql = featureMigration(features)
  assert.deepEqual(featureColumnsIn([{ sql }]), new Set(['bikes', 'bikes_lag_24h']))
  assert.match(sql, /comment on column station_features.bikes is 'The operator''s. Unit: bikes.';/)
})
