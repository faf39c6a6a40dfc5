import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Follower, TopicProducer } from '@velocast/kafka'
import { type Alert, type DataQuality, topics } from '@velocast/schemas'
import {
  createTestKafka,
  type SpawnedService,
  seededRandom,
  spawnService,
  type TestKafka,
  waitFor,
} from '@velocast/testkit'
import { POLL_MS } from './testing/city-log.ts'
import { eventfulLog } from './testing/eventful-log.ts'
import { configOf, judgeLog } from './testing/judge-log.ts'

const KILLS = 4

describe('the quality processor, killed anywhere', () => {
  const folder = mkdtempSync(join(tmpdir(), 'velocast-quality-'))
  let test: TestKafka
  let follower: Follower
  let producer: TopicProducer
  const results = new Map<string, DataQuality>()
  const alerts: Alert[] = []
  let published = 0

  before(async () => {
    test = await createTestKafka({ partitions: 2 })
    follower = await test.kafka.follow({
      topics: [topics.dataQuality, topics.alerts],
      from: 'beginning',
      onRecords(records) {
        for (const { topic, value } of records) {
          if (topic.name === 'alerts') {
            // The clock's own alert: the log ends now, but a slow test may outlast the silence it allows.
            if (value.alert !== 'polls-stopped' || value.resolved) alerts.push({ ...value })
            continue
          }
          const key = `${value.rule}/${value.stationId}@${value.checkedAt}`
          const earlier = results.get(key)
          if (earlier) assert.deepEqual({ ...value }, earlier, 'said otherwise before')
          results.set(key, { ...value })
          published += 1
        }
      },
    })
  })
  after(async () => {
    await producer?.close()
    await follower?.stop()
    await test?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('publishes the results of an undisturbed run, and each alert once', async () => {
    const systemsFile = join(folder, 'systems.json')
    writeFileSync(systemsFile, JSON.stringify({ systems: [configOf('city')] }))
    const log = eventfulLog(Math.floor(Date.now() / POLL_MS) * POLL_MS)
    const expected = judgeLog(log)
    producer = await test.kafka.openProducer()
    const start = () =>
      spawnService(new URL('./main.ts', import.meta.url), { ...test.env, SYSTEMS_FILE: systemsFile })
    let processor = start()
    const random = seededRandom(5)
    let sent = 0
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const upTo = Math.floor((log.length * kill) / KILLS)
      for (; sent < upTo; sent += 400) await producer.send(log.slice(sent, Math.min(sent + 400, upTo)))
      sent = upTo
      const before = published
      const target = before + 1 + Math.floor(random() * 400)
      await waitFor(() => published >= target, {
        everyMs: 1,
        what: `${target} results`,
        lines: processor.lines,
      })
      // Every second time the next one is there already, and the partition moves from one to the other and back.
      const successor = kill % 2 === 0 ? start() : null
      if (successor) await waitFor(() => hasStarted(successor), { what: 'a second one' })
      await processor.kill('SIGKILL')
      processor = successor ?? start()
    }
    await waitFor(() => results.size >= expected.results.length && alerts.length >= expected.alerts.length, {
      what: `all ${expected.results.length} results`,
      lines: processor.lines,
    })
    await waitFor(async () => (await test.lagOf('quality', [topics.feedPolls])) === 0, {
      what: 'all polls being committed',
    })
    // What a restart reads again of the observations: three days of six, and not all of them.
    const statuses = log.filter(({ topic }) => topic === topics.stationStatus).length
    const readAgain = await test.lagOf('quality', [topics.stationStatus])
    assert.ok(readAgain > 0 && readAgain < statuses * 0.6, `${readAgain} of ${statuses}`)
    await waitFor(() => hasStarted(processor), { what: 'the last start' })
    assert.equal(await processor.kill('SIGTERM'), 0)

    assert.deepEqual([...results.keys()].sort(), expected.results.map(keyOf).sort())
    for (const result of expected.results) assert.deepEqual(results.get(keyOf(result)), result)
    assert.deepEqual(alerts, expected.alerts)
  })
})

const hasStarted = (service: SpawnedService): boolean => service.events().some(({ msg }) => msg === 'started')

const keyOf = ({ rule, stationId, checkedAt }: DataQuality): string => `${rule}/${stationId}@${checkedAt}`
