/** What the quality rules said, in the table, decides whether a trigger is trained on. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { topicTables } from '@velocast/db'
import type { DataQuality } from '@velocast/schemas'
import { openTraining, type TestTraining } from './testing/open-training.ts'

const POLL_MS = 15 * 60_000

describe('a training on data that fails its quality rules', () => {
  let training: TestTraining

  before(async () => {
    training = await openTraining()
    training.start()
  })
  after(() => training?.close())

  const { table, columns, rowsFrom } = topicTables.dataQuality
  const write = (results: readonly DataQuality[]): Promise<number> =>
    training.database.copyInto(table, columns, results.flatMap(rowsFrom))
  const judgements = (systemId: string, failing: number, rule = 'feed-age'): DataQuality[] =>
    Array.from({ length: 96 }, (_, index) => ({
      systemId,
      stationId: null,
      rule,
      checkedAt: Date.now() - (index + 1) * POLL_MS,
      status: index < failing ? 'FAIL' : 'PASS',
      expected: 'under 20 minutes',
      actual: index < failing ? '300 minutes' : '1 minutes',
      detail: null,
      vetoesTraining: index < failing,
      value: index < failing ? 300 : 1,
    }))

  it('ends vetoed, says by what, and trains nothing', async () => {
    await write(judgements(training.systemId, 60))
    const trigger = await training.trigger()
    const run = await training.ended(trigger)
    assert.equal(run.outcome, 'SKIPPED')
    assert.match(
      run.detail!,
      /vetoed by the quality of the data: feed-age failed in \S+ % of 9\d checks of the last day/,
    )
    assert.equal(run.figures.vetoes, 2)
    assert.ok(run.figures['failed_share feed-age, the last day']! > 0.5)
    assert.deepEqual(await training.versions(), [])
    const { rows } = await training.database.query<{ outcome: string }>(
      'select outcome from training_jobs where trigger_id = $1',
      [trigger.triggerId],
    )
    assert.deepEqual(rows, [{ outcome: 'VETOED' }])
  })

  it('goes on when little of it failed, and whatever a rule said that is off now', async () => {
    const systemId = `${training.systemId}-empty`
    await write([...judgements(systemId, 10), ...judgements(systemId, 90, 'completeness')])
    const run = await training.ended(await training.trigger({ systemId }))
    // There is nothing to train on: it has come as far as the data set.
    assert.match(run.detail!, /there is no observation/)
  })
})
