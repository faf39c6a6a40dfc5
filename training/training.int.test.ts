/** From a trigger to a promotion on the real servers, with a small city and few trees. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fingerprintOf, modelFeatureNames } from '@velocast/features'
import { fetchArtifact, openBundle } from '@velocast/inference'
import { createMlflowStages, type PromoteVersionOptions, promoteVersion } from '@velocast/promotion'
import { systemClock } from '@velocast/runtime'
import { type ModelPromoted, type TrainingTrigger, topics } from '@velocast/schemas'
import { type Gate, openGate, type SpawnedService, waitFor } from '@velocast/testkit'
import { aliasOf } from './testing/mlflow-models.ts'
import { openTraining, type TestTraining } from './testing/open-training.ts'

describe('a training', () => {
  let training: TestTraining
  let service: SpawnedService
  let gate: Gate
  let first: TrainingTrigger
  let again: TrainingTrigger
  let wanted: TrainingTrigger

  before(async () => {
    training = await openTraining()
    gate = await openGate(training.mlflowUrl)
    service = training.start()
    first = await training.trigger({ triggeredAt: Date.now() })
  })
  after(async () => {
    await training?.close()
    await gate?.close()
  })

  it('ends with a promoted model, and its figures', async () => {
    const run = await training.ended(first)
    assert.equal(run.outcome, 'SUCCEEDED', run.detail ?? '')
    assert.match(run.detail!, /^version 1: there is no champion to compare with: no model has been promoted/)
    for (const figure of [
      'rows',
      'observations',
      'rmse',
      'rmse_1h',
      'seconds',
      'seconds_dataset',
      'seconds_fit',
    ])
      assert.ok(run.figures[figure]! > 0, `${figure}: ${run.figures[figure]}`)
    const outcomes = training.runs.map(({ runId, outcome }) => [runId, outcome])
    assert.deepEqual(outcomes, [
      [first.triggerId, 'RUNNING'],
      [first.triggerId, 'SUCCEEDED'],
    ])
    assert.equal(training.runs[0]!.endedAt, null)
    assert.equal(training.runs[0]!.startedAt, run.startedAt)
    assert.ok(run.endedAt! >= run.startedAt)
  })

  it('has registered the model: Production in MLflow, under the alias champion', async () => {
    const versions = await training.versions()
    assert.deepEqual(
      versions.map(({ version, current_stage }) => [version, current_stage]),
      [['1', 'Production']],
    )
    assert.equal(await aliasOf(training.mlflowUrl, training.modelName, 'champion'), '1')
  })

  it('has published the promotion of a bundle that a predictor opens', async () => {
    const promotion = await waitFor(() => training.promotions[0], {
      what: 'the promotion',
    })
    assert.equal(training.promotions.length, 1)
    assert.equal(promotion.systemId, training.systemId)
    assert.equal(promotion.modelName, training.modelName)
    assert.equal(promotion.modelVersion, '1')
    assert.equal(promotion.triggerId, first.triggerId)
    assert.equal(promotion.previousVersion, null)
    assert.deepEqual(promotion.features, modelFeatureNames)
    assert.equal(promotion.fingerprint, fingerprintOf(modelFeatureNames))
    assert.ok(promotion.metrics.rmse! > 0)
    assert.ok(promotion.metrics.seconds! > 0)
    const { mlflowUrl } = training
    const signal = AbortSignal.timeout(180_000)
    const opened = await openBundle({
      read: (path) => fetchArtifact(promotion.artifactUri, path, signal, { mlflowUrl }),
      manifestSha256: promotion.manifestSha256,
    })
    assert.ok(opened.ok, JSON.stringify(opened))
    assert.equal(opened.bundle.manifest.trainedAt, first.triggeredAt)
    await opened.bundle.release()
  })

  it('leaves nothing in its folder', () => {
    assert.deepEqual(readdirSync(join(training.workFolder, training.systemId)), [])
  })

  it('is not done again for the same trigger', async () => {
    await training.trigger(first)
    await waitFor(() => service.events().find(({ msg }) => msg === 'trigger skipped'), {
      what: 'the trigger being skipped',
    })
    assert.equal(await waitForLag(training), 0)
    assert.equal(training.runs.length, 3)
    assert.equal(training.runs[2]!.outcome, 'SKIPPED')
    assert.equal(training.runs[2]!.detail, 'the trigger has ended already: PROMOTED')
    assert.equal(training.promotions.length, 1)
    assert.equal((await training.versions()).length, 1)
  })

  it('without enough history fails and says what to do; the next trigger is taken up', async () => {
    const hopeless = await training.trigger({ systemId: `${training.systemId}-empty` })
    const run = await training.ended(hopeless)
    assert.equal(run.outcome, 'FAILED')
    assert.match(
      run.detail!,
      /there is no observation of .*-empty .* fill in the past with `velocast backfill`/,
    )
    const tooEarly = await training.trigger({ triggeredAt: Date.now() - 25 * 86_400_000 })
    const second = await training.ended(tooEarly)
    assert.equal(second.outcome, 'FAILED')
    assert.match(second.detail!, /too little|needs|rows are the least/)
  })

  it('stops at once when asked to, and leaves its trigger to the next start', async () => {
    const isFitting = ({ child }: Record<string, unknown>): boolean => child === 'trainer'
    const before = service.events().filter(isFitting).length
    again = await training.trigger({ triggeredAt: first.triggeredAt })
    const fit = await waitFor(() => service.events().filter(isFitting)[before], {
      what: 'the fit',
    })
    assert.equal(await service.kill('SIGTERM'), 0)
    assert.equal(existsSync(`/proc/${fit.pid}`), false)
    assert.equal(training.runs.at(-1)?.outcome, 'RUNNING')
    service = training.start({ PROMOTION_RULE: 'flat5', MLFLOW_TRACKING_URI: gate.url })
  })

  it('whose model is no better than the champion leaves the champion where it is', async () => {
    const run = await training.ended(again)
    assert.equal(run.outcome, 'SUCCEEDED')
    // The rule that decides comes first.
    assert.match(
      run.detail!,
      /^version 2: RMSE .* a gain of 0\.00 %\. By the rule flat5 it is not promoted: .* By the rule significant it is not promoted: /,
    )
    const [rejection] = training.rejections
    assert.equal(rejection?.reason, 'NOT_BETTER')
    assert.equal(rejection?.modelVersion, '2')
    assert.match(rejection?.detail ?? '', /beside the champion's .* flat5 .* significant /)
    assert.equal(rejection?.triggerId, again.triggerId)
    // The evidence is in the refusal and in the run: whoever has one of them can decide again.
    for (const metrics of [rejection!.metrics!, run.figures]) {
      assert.equal(metrics.champion_rmse, metrics.rmse)
      assert.equal(metrics.promotes_significant, 0)
      assert.equal(metrics.promotes_flat5, 0)
      assert.ok(Math.abs(metrics.gain!) < 1e-9 && metrics.gain_168h !== undefined && metrics.mae! > 0)
    }
    assert.equal(await aliasOf(training.mlflowUrl, training.modelName, 'challenger'), '2')
    assert.equal(training.promotions.length, 1)
    const versions = await training.versions()
    assert.deepEqual(
      versions.map(({ current_stage }) => current_stage),
      ['Production', 'Staging'],
    )
  })

  it('waits while MLflow is away: for the champion, and for where the model goes', async () => {
    await gate.shut()
    wanted = await training.trigger({
      triggeredAt: first.triggeredAt,
      policy: 'ALWAYS',
      requestedBy: 'kari',
    })
    const waiting = await waitFor(() => service.events().find(({ msg }) => msg === 'waiting'), {
      what: 'the service waiting',
    })
    assert.match(String(waiting.detail), /the artifact store .* does not answer/)
    const since = service.events().length
    const eventLater = (isIt: (event: Record<string, unknown>) => boolean, what: string) =>
      waitFor(() => service.events().slice(since).find(isIt), { what })
    await gate.open()
    await eventLater(
      ({ child }) => child === 'trainer',
      'the champion being fetched, and the trainer started',
    )
    await gate.shut()
    await eventLater(({ stage }) => stage === 'find', 'the trainer asking MLflow')
    assert.equal(training.runs.at(-1)?.runId, wanted.triggerId)
    assert.equal(training.runs.at(-1)?.outcome, 'RUNNING')
    await gate.open()
  })

  it('that a person asks for replaces the champion whatever the comparison says', async () => {
    assert.equal((await training.ended(wanted)).outcome, 'SUCCEEDED')
    const promotion = await waitFor(() => training.promotions[1], { what: 'the promotion' })
    assert.equal(promotion.previousVersion, '1')
    assert.equal(promotion.modelVersion, '3')
    assert.match(promotion.reason, /asked for by kari.* beside the champion's /)
    assert.equal(promotion.metrics.promotes_significant, 0)
    const versions = await training.versions()
    assert.deepEqual(
      versions.map(({ current_stage }) => current_stage),
      ['Archived', 'Staging', 'Production'],
    )
    assert.equal(await aliasOf(training.mlflowUrl, training.modelName, 'champion'), '3')
  })

  describe('and a person who names a version', () => {
    const promote = (changes: Partial<PromoteVersionOptions> = {}) =>
      promoteVersion({
        kafka: training.kafka,
        stages: createMlflowStages(training.mlflowUrl, fetch),
        mlflowUrl: training.mlflowUrl,
        clock: systemClock,
        systemId: training.systemId,
        modelName: training.modelName,
        modelVersion: '1',
        reason: 'rolled back by kari',
        signal: AbortSignal.timeout(180_000),
        ...changes,
      })
    const stagesNow = async () => (await training.versions()).map(({ current_stage }) => current_stage)

    it('brings an older one back: the same event, MLflow following', async () => {
      const done = await promote()
      assert.equal(done.outcome, 'promoted', JSON.stringify(done))
      const promotion = await waitFor(() => training.promotions[2], {
        what: 'the promotion',
      })
      // What is said of a model is in its bundle; how long its training took is said of that training.
      const { seconds: _seconds, ...metrics } = training.promotions[0]!.metrics
      const original = { ...training.promotions[0]!, metrics }
      const expected: ModelPromoted = {
        ...original,
        triggerId: null,
        promotedAt: promotion.promotedAt,
        artifactUri: promotion.artifactUri,
        previousVersion: '3',
        reason: 'rolled back by kari',
      }
      // One by one: the difference of two whole ones is not readable.
      for (const [name, value] of Object.entries(expected))
        assert.deepEqual(promotion[name as keyof ModelPromoted], value, name)
      assert.ok(promotion.promotedAt > training.promotions[1]!.promotedAt)
      const { mlflowUrl } = training
      const opened = await openBundle({
        read: (path) =>
          fetchArtifact(promotion.artifactUri, path, AbortSignal.timeout(180_000), { mlflowUrl }),
        manifestSha256: promotion.manifestSha256,
      })
      assert.ok(opened.ok, JSON.stringify(opened))
      await opened.bundle.release()
      assert.deepEqual(await stagesNow(), ['Production', 'Staging', 'Archived'])
      assert.equal(await aliasOf(mlflowUrl, training.modelName, 'champion'), '1')
    })

    it('that serves already changes nothing', async () => {
      assert.equal((await promote()).outcome, 'serves-already')
      assert.equal(training.promotions.length, 3)
    })

    it('that does not exist, or is of another system, is told so', async () => {
      const unknown = await promote({ modelVersion: '77' })
      assert.match(JSON.stringify(unknown), /"refused".*no version 77 of .*velocast models/)
      const other = await promote({ systemId: `${training.systemId}-empty` })
      assert.match(JSON.stringify(other), /"refused".*was trained for/)
      assert.deepEqual(await stagesNow(), ['Production', 'Staging', 'Archived'])
    })

    it('whose files are not those that were registered is told so, and nothing changes', async () => {
      const { mlflowUrl, modelName } = training
      const real = createMlflowStages(mlflowUrl, fetch)
      const third = await real.find(modelName, '3', AbortSignal.timeout(180_000))
      const stages = {
        ...real,
        find: async () => ({ ...third!, manifestSha256: '0'.repeat(64) }),
      }
      const done = await promote({ stages, modelVersion: '3' })
      assert.match(JSON.stringify(done), /"refused".*is not the one that was registered/)
      assert.deepEqual(await stagesNow(), ['Production', 'Staging', 'Archived'])
    })
  })
})

const waitForLag = ({ kafka }: TestTraining): Promise<number> =>
  waitFor(
    async () => {
      const lag = await kafka.lagOf('training', [topics.trainingTriggers])
      return lag === 0 ? { lag } : null
    },
    { what: 'the trigger being done with' },
  ).then(({ lag }) => lag)
