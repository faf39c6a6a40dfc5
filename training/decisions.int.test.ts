/** What is decided without a training is on record too: skipped triggers, once each and with the reason. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { topics } from '@velocast/schemas'
import { type SpawnedService, waitFor } from '@velocast/testkit'
import { beginJob, endJob, lastDecidedAt } from './store.ts'
import { openTraining, type TestTraining } from './testing/open-training.ts'

const MINUTE_MS = 60_000

describe('a trigger', () => {
  let training: TestTraining
  let service: SpawnedService
  /** Of a system without any history: its trainings fail at once. */
  let systemId: string

  before(async () => {
    training = await openTraining()
    systemId = `${training.systemId}-empty`
    service = training.start({ TRAINING_COOL_DOWN_MINUTES: '90' })
  })
  after(() => training?.close())

  const runsOf = (triggerId: string) =>
    training.runs
      .filter(({ runId }) => runId.startsWith(triggerId))
      .map(({ outcome, detail }) => [outcome, detail])
  const handled = (): Promise<unknown> =>
    waitFor(async () => (await training.kafka.lagOf('training', [topics.trainingTriggers])) === 0, {
      what: 'all triggers are done with',
    })

  it('that comes twice leads to one training; the second is skipped, on record', async () => {
    const trigger = await training.trigger({ systemId })
    await training.trigger(trigger)
    await training.ended(trigger)
    await handled()
    const runs = await waitFor(() => runsOf(trigger.triggerId).length >= 3 && runsOf(trigger.triggerId), {
      what: 'the second record',
    })
    assert.deepEqual(
      runs.map(([outcome]) => outcome),
      ['RUNNING', 'FAILED', 'SKIPPED'],
    )
    assert.equal(runs[2]![1], 'the trigger has ended already: FAILED')
    // As rows of the table they do not replace each other.
    const keys = training.runs.slice(-2).map(({ runId, startedAt }) => `${runId} ${startedAt}`)
    assert.equal(new Set(keys).size, 2)
  })

  it('whose record comes again after a crash says nothing more', async () => {
    const { database } = training
    const job = { systemId, triggerId: `${systemId}:once` }
    const record = { partition: 1, offset: 17 }
    const begin = (of: typeof record) => beginJob(database, job, of, Date.now())
    assert.deepEqual((await begin(record)).endedAs, null)
    await endJob(database, job, { outcome: 'FAILED', detail: '', now: Date.now() })
    assert.equal((await begin(record)).isOfAnotherRecord, false)
    assert.equal((await begin(record)).endedAs, 'FAILED')
    assert.equal((await begin({ ...record, offset: 18 })).isOfAnotherRecord, true)
    assert.equal((await begin({ ...record, partition: 0 })).isOfAnotherRecord, true)
    await database.query('update training_jobs set record_offset = null where trigger_id = $1', [
      job.triggerId,
    ])
    assert.equal((await begin(record)).isOfAnotherRecord, false, 'of an earlier version')
  })

  it('of a system that nobody follows is skipped, on record', async () => {
    const trigger = await training.trigger({ systemId: `${training.systemId}-unknown` })
    const run = await waitFor(() => training.runs.find(({ runId }) => runId.startsWith(trigger.triggerId)), {
      what: 'the record',
    })
    assert.equal(run.outcome, 'SKIPPED')
    assert.match(run.detail!, /not in the systems file/)
    assert.equal(run.job, 'training')
  })

  it('for lost skill waits for the cool-down after a training that came to a decision', async () => {
    const { database } = training
    const end = async (outcome: 'PROMOTED' | 'FAILED', minutesAgo: number): Promise<void> => {
      const job = { systemId, triggerId: `${systemId}:${outcome}:${minutesAgo}` }
      const now = Date.now() - minutesAgo * MINUTE_MS
      await beginJob(database, job, { partition: 0, offset: minutesAgo }, now)
      await endJob(database, job, { outcome, detail: '', now })
    }
    const skillLost = () => training.trigger({ systemId, cause: 'LOST_SKILL', evidence: { skill: -0.2 } })

    await end('FAILED', 1)
    await end('PROMOTED', 91)
    const late = await skillLost()
    assert.match((await training.ended(late)).detail!, /no observation/, 'the cool-down is over')

    await end('PROMOTED', 80)
    assert.ok((await lastDecidedAt(database, systemId))! > Date.now() - 81 * MINUTE_MS)
    const early = await skillLost()
    const run = await training.ended(early)
    assert.equal(run.outcome, 'SKIPPED')
    assert.match(run.detail!, /^cool-down: skill was found lost 80 minutes after .* 90 minutes between/)
    assert.equal(run.figures.skill, -0.2)
    assert.deepEqual(
      runsOf(early.triggerId).map(([outcome]) => outcome),
      ['SKIPPED'],
      'it was never taken up',
    )

    for (const cause of ['MANUAL', 'DAILY'] as const) {
      const other = await training.trigger({ systemId, cause })
      assert.match((await training.ended(other)).detail!, /no observation/, cause)
    }
    await handled()
    assert.equal(await service.kill('SIGTERM'), 0)
  })
})
