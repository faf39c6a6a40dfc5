import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Gate, openGate, waitFor } from '@velocast/testkit'
import { openTraining, type TestTraining } from './testing/open-training.ts'

describe('while MLflow is away', () => {
  let training: TestTraining
  let gate: Gate

  before(async () => {
    training = await openTraining()
    gate = await openGate(training.mlflowUrl)
  })
  after(async () => {
    await training?.close()
    await gate?.close()
  })

  it('a training waits, and ends with one model when it is back', async () => {
    await gate.shut()
    const service = training.start({ MLFLOW_TRACKING_URI: gate.url })
    const trigger = await training.trigger()
    await waitFor(() => service.events().some(({ stage }) => stage === 'find'), {
      withinMs: 40_000,
      what: 'the trainer asking MLflow',
    })
    assert.deepEqual(
      training.runs.map(({ outcome }) => outcome),
      ['RUNNING'],
    )
    await gate.open()
    assert.equal((await training.ended(trigger)).outcome, 'SUCCEEDED')
    assert.equal(training.promotions.length, 1)
    assert.equal((await training.versions()).length, 1)
    assert.equal(await service.kill('SIGTERM'), 0)
  })

  it('a champion that cannot be fetched is waited for, and then compared with', async () => {
    await gate.shut()
    const service = training.start({ MLFLOW_TRACKING_URI: gate.url })
    const trigger = await training.trigger()
    const waiting = await waitFor(() => service.events().find(({ msg }) => msg === 'waiting'), {
      withinMs: 40_000,
      what: 'the service waiting',
    })
    assert.match(String(waiting.detail), /the artifact store .* does not answer/)
    await gate.open()
    const run = await training.ended(trigger)
    assert.equal(run.outcome, 'SUCCEEDED')
    assert.match(run.detail!, /beside the champion's/)
  })
})
