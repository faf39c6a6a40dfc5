import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDatabaseUrl, testStack } from './test-stack.ts'

test('missing addresses are all named, with what to do', () => {
  assert.throws(() => testStack({ DATABASE_URL: 'postgres://x', KAFKA_BROKERS: '' }), {
    message: /KAFKA_BROKERS, SCHEMA_REGISTRY_URL, MLFLOW_TRACKING_URI are not set. Run `npm test`/,
  })
  assert.equal(testDatabaseUrl({ DATABASE_URL: 'postgres://x' }), 'postgres://x')
})
