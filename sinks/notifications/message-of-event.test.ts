import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Alert, JobRun, ModelPromoted, ModelRejected } from '@velocast/schemas'
import { messageOfEvent } from './message-of-event.ts'

const promoted: ModelPromoted = {
  systemId: 'oslo',
  modelName: 'velocast',
  modelVersion: '5',
  runId: 'r',
  triggerId: 't',
  promotedAt: 1_000,
  artifactUri: 'mlflow-artifacts:/1',
  manifestSha256: 'a',
  features: ['bikes'],
  fingerprint: 'f',
  previousVersion: '4',
  reason: 'RMSE 1.900 beside 2.000',
  metrics: {
    rmse: 1.9,
    mae: 1.25,
    rmse_24h: 2.2,
    rmse_1h: 0.8,
    'rmse_0.5h': 0.5,
    mae_1h: 0.4,
    gain: 0.05,
    gain_1h: 0.1,
    gain_lower95: 0.021,
    seconds: 311.6,
    champion_rmse: 2,
  },
}
const rejected: ModelRejected = {
  systemId: 'oslo',
  modelName: 'velocast',
  modelVersion: '6',
  replicaId: 'training',
  promotedAt: 1_000,
  rejectedAt: 2_000,
  reason: 'NOT_BETTER',
  detail: 'a gain of 0.10 %',
}
const run: JobRun = {
  systemId: 'oslo',
  job: 'training',
  runId: 'oslo:daily:2026-06-10',
  startedAt: 3_000,
  endedAt: 15_000,
  outcome: 'FAILED',
  detail: 'the trainer ended with exit code 3',
  figures: { seconds: 12.4 },
}
const alert: Alert = {
  systemId: 'oslo',
  alert: 'quality-feed-age',
  raisedAt: 5_000,
  severity: 'WARNING',
  resolved: false,
  summary: 'the feed is 70 minutes old',
  action: 'Ask the operator.',
  resolvedAt: null,
}

describe('a message', () => {
  it('of a promotion has version, the one before, reason, errors by horizon, gain and seconds', () => {
    assert.deepEqual(messageOfEvent('model-promoted', promoted), {
      kind: 'model-promoted',
      systemId: 'oslo',
      happenedAt: 1_000,
      title: 'oslo: version 5 of velocast is promoted, in place of version 4',
      lines: [
        'RMSE 1.900 beside 2.000',
        'RMSE 1.900 (up to 0.5 h 0.50, 1 h 0.80, 24 h 2.20)',
        'MAE 1.250 (up to 1 h 0.40)',
        'Gain 5.00 %, at least 2.10 % at 95 %',
        'Trained in 312 s',
      ],
      figures: promoted.metrics,
    })
  })

  it('of the first promotion says so, and leaves out numbers that are not there', () => {
    const message = messageOfEvent('model-promoted', {
      ...promoted,
      previousVersion: null,
      metrics: { rmse: 2 },
    })
    assert.equal(message?.title, 'oslo: version 5 of velocast is promoted, the first')
    assert.deepEqual(message?.lines, ['RMSE 1.900 beside 2.000', 'RMSE 2.000'])
  })

  it("of the training's refusal has its numbers", () => {
    const message = messageOfEvent('model-rejected', { ...rejected, metrics: { rmse: 2, gain: 0.001 } })
    assert.equal(message?.kind, 'model-not-better')
    assert.equal(message?.happenedAt, 2_000)
    assert.equal(message?.title, 'oslo: version 6 of velocast is not promoted, the one that serves stays')
    assert.deepEqual(message?.lines, ['a gain of 0.10 %', 'RMSE 2.000', 'Gain 0.10 %'])
  })

  it("of a predictor's refusal names the predictor and the reason", () => {
    const message = messageOfEvent('model-rejected', { ...rejected, replicaId: 'api-1', reason: 'CHECKSUM' })
    assert.equal(message?.kind, 'model-refused')
    assert.equal(
      message?.title,
      'oslo: api-1 refuses version 6 of velocast (CHECKSUM), and answers with the one before',
    )
    assert.deepEqual(message?.figures, {})
  })

  it('of a training that failed says what, and after how long', () => {
    const message = messageOfEvent('job-runs', run)
    assert.equal(message?.title, 'oslo: training failed after 12 s')
    assert.equal(message?.happenedAt, 15_000)
    assert.deepEqual(message?.lines, [run.detail, 'Trigger oslo:daily:2026-06-10'])
  })

  it('of a veto there is one, and of whatever else was skipped, or went well, none', () => {
    const skipped = { ...run, outcome: 'SKIPPED', detail: 'vetoed by …' } as const
    assert.equal(messageOfEvent('job-runs', { ...skipped, figures: { vetoes: 1 } })?.kind, 'training-vetoed')
    assert.equal(messageOfEvent('job-runs', { ...skipped, figures: {} }), null)
    assert.equal(messageOfEvent('job-runs', { ...run, outcome: 'SUCCEEDED' }), null)
    assert.equal(messageOfEvent('job-runs', { ...run, outcome: 'RUNNING', endedAt: null }), null)
    assert.equal(messageOfEvent('job-runs', { ...run, job: 'replay' }), null)
  })

  it('of an alert has what to do, and there is another when it is over', () => {
    const raised = messageOfEvent('alerts', alert)
    assert.equal(raised?.title, 'oslo: WARNING: the feed is 70 minutes old')
    assert.deepEqual(raised?.lines, ['Ask the operator.', 'quality-feed-age'])
    const over = messageOfEvent('alerts', { ...alert, resolved: true, resolvedAt: 9_000 })
    assert.equal(over?.kind, 'alert-over')
    assert.equal(over?.happenedAt, 9_000, 'an alert that lasted for hours is over only now')
  })

  it('is short, whatever somebody wrote into the record', () => {
    const message = messageOfEvent('job-runs', { ...run, detail: 'x'.repeat(50_000) })
    assert.ok(message!.lines[0]!.length < 1_100)
  })

  it('is made of no other topic', () => {
    assert.equal(messageOfEvent('model-activated', {}), null)
  })
})
