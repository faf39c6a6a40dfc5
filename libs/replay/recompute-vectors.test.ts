import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSystemHistory, vectorFeatureNames } from '@velocast/features'
import type { StationStatus } from '@velocast/schemas'
import { generateStatus } from '@velocast/testkit'
import { recomputeVectors } from './recompute-vectors.ts'

const hourMs = 60 * 60_000
const systemId = 'testville'
const [first, second, third, fourth] = [...generateStatus({ seed: 2, systemId, stations: 1, polls: 4 })]
const late = { ...second!, polledAt: fourth!.polledAt + hourMs }

const vectorsOf = (statuses: readonly (StationStatus | undefined)[], fromMs: number, toMs: number) => {
  const history = createSystemHistory({ systemId, timeZone: 'Europe/Oslo', country: 'NO' })
  const found: { asOf: number; polledAt: number; lag: number | undefined }[] = []
  const lag = vectorFeatureNames.indexOf('bikes_lag_15m')
  const recomputation = recomputeVectors(history, { fromMs, toMs }, (_, asOf, polledAt, vector) =>
    found.push({ asOf, polledAt, lag: vector[lag] }),
  )
  for (const status of statuses) recomputation.observe(status!)
  return { found, outcomes: recomputation.outcomes() }
}

test('only what became known within the window is passed on; what came before is its history', () => {
  const { found, outcomes } = vectorsOf([first, second, third, fourth], third!.polledAt, fourth!.polledAt)
  assert.deepEqual(found, [{ asOf: third!.observedAt, polledAt: third!.polledAt, lag: second!.bikes }])
  assert.equal(outcomes.vector, 1)
})

test('a late observation gives again, under its own polledAt, what it has changed, the oldest first', () => {
  const { found, outcomes } = vectorsOf([first, third, fourth, late], late.polledAt, late.polledAt + 1)
  assert.deepEqual(found, [
    { asOf: third!.observedAt, polledAt: late.polledAt, lag: second!.bikes },
    { asOf: fourth!.observedAt, polledAt: late.polledAt, lag: third!.bikes },
  ])
  assert.equal(outcomes.late, 1)
})
