/** A feed that goes on answering with yesterday's content is noticed, shown, and not trained on. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { TopicProducer } from '@velocast/kafka'
import { backfillPolls } from '@velocast/producers'
import { systemClock } from '@velocast/runtime'
import { type Topic, topics } from '@velocast/schemas'
import { waitFor } from '@velocast/testkit'
import { type City, startCity } from './start-city.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

describe('a feed stands still for most of a day', () => {
  const now = Date.now()
  const stillSince = now - 20 * HOUR_MS
  let operatorNow = stillSince
  let city: City
  let producer: TopicProducer

  before(async () => {
    city = await startCity({ stations: 6, clock: { now: () => operatorNow } })
    city.simulator.setFault({ feed: 'frozen' })
    operatorNow = now
    producer = await city.broker.kafka.openProducer()
    await Promise.all([
      ...(['quality', 'sink', 'training'] as const).map(city.start),
      backfillPolls({
        system: city.system,
        from: now - 48 * HOUR_MS,
        to: now,
        kafka: city.broker.kafka,
        fetch,
        clock: systemClock,
      }),
    ])
    await handled('quality', [topics.feedPolls])
    await handled('timescale-sink.small-tables', [topics.dataQuality, topics.alerts])
  })
  after(async () => {
    await producer?.close()
    await city?.close()
  })

  const handled = (group: string, from: readonly Topic<never>[]): Promise<unknown> =>
    waitFor(async () => (await city.broker.lagOf(group, from)) === 0, {
      what: `${group} has handled all`,
    })

  const rowsOf = async <R extends object>(statement: string): Promise<R[]> =>
    (await city.tables.database.query<R>(statement, [city.system.systemId])).rows

  test('the rules say so from its first hour on, in the table', async () => {
    const rows = await rowsOf<{ status: string; from_at: number; checks: number }>(
      `select status, min(checked_at) as from_at, count(*)::int as checks from data_quality
       where system_id = $1 and rule = 'feed-age' and station_id is null group by status`,
    )
    const ofStatus = new Map(rows.map((row) => [row.status, row]))
    assert.deepEqual([...ofStatus.keys()].sort(), ['FAIL', 'PASS', 'WARN'])
    assert.ok(ofStatus.get('FAIL')!.checks >= 75, JSON.stringify(rows))
    const failsAfterMs = ofStatus.get('FAIL')!.from_at - stillSince
    // The city's content is of whole minutes, so that it is up to one older than the fault.
    assert.ok(failsAfterMs >= HOUR_MS - MINUTE_MS && failsAfterMs <= 1.5 * HOUR_MS, `${failsAfterMs}`)
  })

  test('an alert is open', async () => {
    const open = await rowsOf<{ alert: string }>(
      `select alert from alerts where system_id = $1 and not resolved and alert = 'quality-feed-age'`,
    )
    assert.equal(open.length, 1)
  })

  test('a training is vetoed, and says why', async () => {
    const { systemId } = city.system
    await producer.send([
      {
        topic: topics.trainingTriggers,
        value: {
          systemId,
          triggerId: `${systemId}:test`,
          cause: 'MANUAL',
          triggeredAt: now,
          policy: 'ALWAYS',
          requestedBy: 'a test',
          evidence: {},
        },
      },
    ])
    const { detail } = await waitFor(
      async () =>
        (
          await rowsOf<{ detail: string }>(
            `select detail from job_runs where system_id = $1 and job = 'training' and outcome = 'SKIPPED'`,
          )
        )[0],
      { what: 'the end of the training' },
    )
    assert.match(
      detail,
      /vetoed by the quality of the data: feed-age failed in \S+ % of \d+ checks of the last day/,
    )
  })
})
