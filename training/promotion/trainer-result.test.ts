import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flatMetrics } from '@velocast/promotion'
import { parseTrainerResult } from './trainer-result.ts'

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

test('a comparison by day may be there, and then is whole', () => {
  const comparison = {
    days: 14,
    gain: 0.01,
    lower95: 0.002,
    coverage90: 0.9,
    byBand: [{ upToHours: 1, gain: 0.01 }],
  }
  const compared = (changes: object) => ({
    ...result,
    champion: { metrics, comparison: { ...comparison, ...changes } },
  })
  assert.deepEqual(parseTrainerResult(compared({})).champion?.comparison, comparison)
  assert.throws(() => parseTrainerResult(compared({ lower95: null })), /champion/)
})

test('a result that is not as agreed is refused with every mistake', () => {
  const broken = { ...result, manifestSha256: 'short', modelVersion: null }
  assert.throws(() => parseTrainerResult(broken), /modelVersion.*manifestSha256|manifestSha256.*modelVersion/)
})
