import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Follower } from '@velocast/kafka'
import { type Alert, type DataQuality, type FeedPoll, topics } from '@velocast/schemas'
import {
  createTestKafka,
  type SpawnedService,
  spawnService,
  type TestKafka,
  waitFor,
} from '@velocast/testkit'
import { generatePolls, POLL_MS, recordsOf } from './testing/city-log.ts'
import { configOf, judgeLog } from './testing/judge-log.ts'

const POLLS = 124
const HOUR_MS = 60 * 60_000
/** Hours as the rules count them. */
const startAt = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - POLLS * POLL_MS
/** For two hours of the second day half of the stations are missing, and then the operator is away for one. */
const log = [
  ...generatePolls({
    stations: 12,
    polls: POLLS,
    startAt,
    change(made, index) {
      if (index >= 100 && index < 108) {
        made.poll.missingStations = made.statuses.splice(4).map(({ stationId }) => stationId)
      } else if (index >= 112 && index < 116) made.poll.outcome = 'FAILED'
    },
  }),
].flatMap(recordsOf)

describe('the quality processor', () => {
  const folder = mkdtempSync(join(tmpdir(), 'velocast-quality-'))
  let test: TestKafka
  let service: SpawnedService
  let follower: Follower
  const results: DataQuality[] = []
  const alerts: Alert[] = []

  before(async () => {
    test = await createTestKafka({ partitions: 2 })
    const systemsFile = join(folder, 'systems.json')
    writeFileSync(systemsFile, JSON.stringify({ systems: [configOf('city'), configOf('silent')] }))
    service = spawnService(new URL('./main.ts', import.meta.url), {
      ...test.env,
      SYSTEMS_FILE: systemsFile,
      SILENCE_CHECK_SECONDS: '1',
    })
    const producer = await test.kafka.openProducer()
    for (let sent = 0; sent < log.length; sent += 500) await producer.send(log.slice(sent, sent + 500))
    const lastPoll: FeedPoll = {
      ...log.find(({ topic }) => topic === topics.feedPolls)!.value,
      systemId: 'silent',
    }
    await producer.send([{ topic: topics.feedPolls, value: lastPoll }])
    await producer.close()
    follower = await test.kafka.follow({
      topics: [topics.dataQuality, topics.alerts],
      from: 'beginning',
      onRecords(records) {
        for (const { topic, value } of records)
          if (topic.name === 'alerts') alerts.push({ ...value })
          else if (value.systemId === 'city') results.push({ ...value })
      },
    })
  })
  after(async () => {
    await service?.kill('SIGKILL')
    await follower?.stop()
    await test?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const expected = judgeLog(log)

  it('publishes what the rules say of the log', async () => {
    await waitFor(() => results.length >= expected.results.length, {
      what: `${expected.results.length} results`,
      lines: service.lines,
    })
    assert.deepEqual(results, expected.results)
    const worst = results.filter(({ status, stationId }) => status === 'FAIL' && stationId === null)
    assert.deepEqual([...new Set(worst.map(({ rule }) => rule))].sort(), [
      'completeness',
      'failed-polls',
      'feed-silence',
      'station-count',
    ])
  })

  it('raises each alert once, and says when it is over', async () => {
    await waitFor(() => alerts.some(({ systemId }) => systemId === 'silent'), {
      what: 'the alert of the system that nobody polls any more',
    })
    // The log of the other one ends half an hour ago or more: the clock may have its say there too.
    const ofCity = (): Alert[] =>
      alerts.filter(({ systemId, alert }) => systemId === 'city' && alert !== 'polls-stopped')
    await waitFor(() => ofCity().length >= expected.alerts.length, { what: 'all alerts' })
    assert.deepEqual(ofCity(), expected.alerts)
    const told = expected.alerts.map(({ alert, resolved }) => `${alert} ${resolved ? 'resolved' : 'raised'}`)
    assert.deepEqual(told, [
      'quality-completeness raised',
      'quality-station-count raised',
      'quality-completeness resolved',
      'quality-feed-silence raised',
      'quality-feed-silence resolved',
      'quality-station-count resolved',
    ])
  })
})
