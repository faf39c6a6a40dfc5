/** The service is killed at every step of one training: in the end there is one version and one promotion. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import type { TrainingTrigger } from '@velocast/schemas'
import { type SpawnedService, waitFor } from '@velocast/testkit'
import { openTraining, type TestTraining } from './testing/open-training.ts'

describe('a training, killed at every step', () => {
  let training: TestTraining
  let trigger: TrainingTrigger
  /** Children of killed services: what became of them is asked at the end. */
  const orphans: number[] = []

  before(async () => {
    training = await openTraining()
    trigger = await training.trigger()
  })
  after(() => training?.close())

  /** Starts the service, waits for a fact, and kills it in that moment. */
  const killWhen = async (
    what: string,
    fact: (service: SpawnedService) => boolean | Promise<boolean>,
    everyMs = 1,
  ): Promise<void> => {
    const service = training.start()
    await waitFor(() => fact(service), { everyMs, what, lines: service.lines })
    assert.equal(await service.kill('SIGKILL'), 'SIGKILL')
    for (const { msg, pid } of childrenOf(service)) if (msg === 'child started') orphans.push(pid as number)
  }
  const childrenOf = (service: SpawnedService) =>
    service.events().filter(({ pid }) => typeof pid === 'number')
  const hasReached = (stage: string, done: number) => (service: SpawnedService) =>
    service.events().some((event) => event.stage === stage && Number(event.done) >= done)

  it('goes on after each start, to one registered version and one promotion', async () => {
    await killWhen('the data set', hasReached('dataset', 0.1))
    await killWhen('the fit', hasReached('fit', 0))
    assert.equal((await training.versions()).length, 0)
    // The trainer that is left behind may come to the end of it, or not.
    await killWhen('the registration', hasReached('register', 0))
    await killWhen(
      'the registered version',
      async (service) => hasReached('register', 0)(service) && (await training.versions()).length > 0,
      // The trainer itself waits for MLflow, which has enough to do.
      50,
    )
    assert.equal(training.promotions.length, 0)
    let promotedAt = Number.NaN
    await killWhen('the decision', async (service) => {
      if (!hasReached('find', 1)(service)) return false
      const { rows } = await training.database.query<{ promoted_at: number | null }>(
        'select promoted_at from training_jobs where promoted_at is not null',
      )
      promotedAt = rows[0]?.promoted_at ?? Number.NaN
      return rows.length > 0
    })
    await killWhen('the promotion', () => training.promotions.length > 0)

    const service = training.start()
    const run = await training.ended(trigger)
    assert.equal(run.outcome, 'SUCCEEDED')
    // The one killed last may have ended the run itself; this one stops in order once it has started.
    await waitFor(() => service.events().some(({ msg }) => msg === 'started'), {
      what: 'start',
    })
    assert.equal(await service.kill('SIGTERM'), 0)

    assert.equal(training.promotions.length, 1)
    assert.equal(training.promotions[0]!.promotedAt, promotedAt)
    assert.equal(training.promotions[0]!.triggerId, trigger.triggerId)
    assert.deepEqual(
      (await training.versions()).map(({ version, current_stage, tags }) => ({
        version,
        current_stage,
        trigger: tags.find(({ key }) => key === 'velocast.trigger')?.value,
      })),
      [{ version: '1', current_stage: 'Production', trigger: trigger.triggerId }],
    )
    const begun = training.runs.map(({ startedAt }) => startedAt)
    assert.equal(new Set(begun).size, 1, 'a job that is taken up again began when it began')
  })

  it('leaves no child at work: without a reader of what it says, a child ends', async () => {
    assert.ok(orphans.length >= 6, `${orphans.length} children were left`)
    await waitFor(() => !orphans.some((pid) => existsSync(`/proc/${pid}`)), {
      what: 'the end of all orphans',
    })
  })
})
