import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flatMetrics, parseTrainerResult } from './trainer-result.ts'

const scores = { rows: 12, rmse: 1.5, mae: 1.25, coverage90: null }
const metrics = { overall: scores, byHorizon: [{ upToHours: 0.5, ...scores }] }
const result = {
  runId: 'r1',
  modelVersion: '3',
  artifactUri: 'mlflow-artifacts:/1/r1/artifacts/bundle',
  manifestSha256: 'a'.repeat(64),
  metrics,
  champion: null,
  championReason: 'the request names no champion',
  secondsByStage: { fit: 3.5 },
}

test('every number has a flat name, and what is not a number has none', () => {
  const withMore = { ...metrics, overall: { ...scores, brierBike: 0.1, naiveRmse: { persistence: 3 } } }
  assert.deepEqual(flatMetrics(withMore), {
    rows: 12,
    rmse: 1.5,
    mae: 1.25,
    brier_bike: 0.1,
    'rows_0.5h': 12,
    'rmse_0.5h': 1.5,
    'mae_0.5h': 1.25,
  })
})

test('a result is taken as it is, and what the trainer adds to it stays', () => {
  assert.deepEqual(parseTrainerResult({ ...result, parity: { rows: 5 } }), { ...result, parity: { rows: 5 } })
})

test('a result that is not as agreed is refused with every mistake', () => {
  const broken = { ...result, manifestSha256: 'short', modelVersion: null }
  assert.throws(() => parseTrainerResult(broken), /modelVersion.*manifestSha256|manifestSha256.*modelVersion/)
})
