import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createSystemHistory, vectorFeatureNames } from '@velocast/features'
import { type JobRun, topics } from '@velocast/schemas'
import {
  createTestDatabase,
  createTestKafka,
  generateStatus,
  type SpawnedService,
  spawnService,
  type TestDatabase,
  type TestKafka,
  waitFor,
} from '@velocast/testkit'
import type { ReplayReport } from './run-replay.ts'

const main = new URL('./main.ts', import.meta.url)
const system = { systemId: 'testville', timeZone: 'Europe/Oslo', country: 'NO' }
const [stations, polls] = [60, 480]
/** An hour ago and more, so that all of it lies before now whenever the test begins. */
const startAt = Math.floor(Date.now() / 900_000) * 900_000 - (polls + 4) * 900_000
const statuses = [...generateStatus({ seed: 9, systemId: system.systemId, stations, polls, startAt })]
const from = new Date(statuses[0]!.observedAt).toISOString()

describe('a replay that writes, killed in the middle', () => {
  const folder = mkdtempSync(join(tmpdir(), 'velocast-replay-'))
  const systemsFile = join(folder, 'systems.json')
  const processes: SpawnedService[] = []
  let made: TestDatabase
  let broker: TestKafka
  before(async () => {
    const { latitude, longitude } = { latitude: 59.9, longitude: 10.7 }
    writeFileSync(
      systemsFile,
      JSON.stringify({ systems: [{ ...system, gbfs: 'http://127.0.0.1/gbfs.json', latitude, longitude }] }),
    )
    ;[made, broker] = await Promise.all([createTestDatabase(), createTestKafka()])
    const producer = await broker.kafka.openProducer()
    for (let sent = 0; sent < statuses.length; sent += 5_000)
      await producer.send(
        statuses.slice(sent, sent + 5_000).map((value) => ({ topic: topics.stationStatus, value })),
      )
    await producer.close()
  })
  after(async () => {
    await Promise.all(processes.map((each) => each.kill('SIGKILL')))
    rmSync(folder, { recursive: true, force: true })
    await Promise.all([made.drop(), broker.close()])
  })

  const start = (...args: string[]): SpawnedService => {
    const env = { ...broker.env, DATABASE_URL: made.url, SYSTEMS_FILE: systemsFile }
    const command = spawnService(main, env, ['--from', from, ...args])
    processes.push(command)
    return command
  }
  const finish = async (command: SpawnedService): Promise<ReplayReport & { exitCode: unknown }> => {
    const exitCode = await command.exited
    const [report] = command.events().filter(({ mode }) => mode !== undefined)
    assert.ok(report, command.lines().join('\n'))
    return { ...(report as unknown as ReplayReport), exitCode }
  }
  const writtenSoFar = async (): Promise<number> => {
    const { rows } = await made.database.query<{ vectors: number }>('select vectors from replays')
    return rows[0]?.vectors ?? 0
  }

  test('goes on where it was, and leaves the very rows of the library', async () => {
    const first = start('--write', '--source', 'log', '--rate', '6000')
    await waitFor(async () => (await writtenSoFar()) > 0, { what: 'a cursor' })
    assert.equal(await first.kill('SIGKILL'), 'SIGKILL')
    const before = await writtenSoFar()
    assert.ok(before > 0 && before < statuses.length, `killed in the middle: ${before}`)

    const report = await finish(start('--write', '--source', 'log', '--rate', 'max'))
    assert.equal(report.exitCode, 0)
    assert.ok(report.written!.resumedAfter >= before)
    assert.equal(report.written!.resumedAfter + report.vectors, statuses.length)
    assert.equal(await writtenSoFar(), 0, 'the cursor of a replay that is done is removed')
    await assertTable()
    assert.equal((await finish(start('--compare', '--source', 'log'))).exitCode, 0)
  })

  test('written again changes nothing; each run has its record', async () => {
    const report = await finish(start('--write', '--rate', 'max'))
    assert.deepEqual([report.vectors, report.written!.changed], [statuses.length, 0])
    const runs: JobRun[] = []
    const follower = await broker.kafka.follow({
      topics: [topics.jobRuns],
      from: 'beginning',
      onRecords: (records) => {
        for (const { value } of records) runs.push(value)
      },
    })
    await follower.caughtUp
    await follower.stop()
    const byRun = Map.groupBy(runs, ({ runId, startedAt }) => `${runId} ${startedAt}`)
    const outcomes = [...byRun.values()].map((each) => each.map(({ outcome }) => outcome).join(' '))
    assert.deepEqual(outcomes, ['RUNNING RUNNING SUCCEEDED', 'RUNNING SUCCEEDED', 'RUNNING SUCCEEDED'])
  })

  test('says what it needs, and what differs', async () => {
    await made.database.query('update station_features set bikes_lag_24h = 7 where bikes_lag_24h = 8')
    const report = await finish(start('--compare'))
    assert.equal(report.exitCode, 1)
    assert.deepEqual(
      report.comparison!.features.map(({ feature, largest }) => [feature, largest]),
      [['bikes_lag_24h', 1]],
    )
    assert.equal(await start('--compare', '--write').exited, 2)
    assert.equal(await start('--compare', '--system', 'nowhere').exited, 2)
    assert.equal(await start('--compare', '--source', 'memory').exited, 2)
  })

  const assertTable = async (): Promise<void> => {
    const history = createSystemHistory(system)
    const vector = new Float32Array(vectorFeatureNames.length)
    const expected = new Map<string, Float32Array>()
    for (const status of statuses) {
      assert.equal(history.observe(status, vector), 'vector')
      expected.set(`${status.stationId} ${status.observedAt} ${status.polledAt}`, vector.slice())
    }
    const { rows } = await made.database.query<{
      station_id: string
      as_of: number
      polled_at: number
      vector: number[]
    }>(
      `select station_id, as_of, polled_at, array[${vectorFeatureNames.join(', ')}] as vector from station_features`,
    )
    assert.equal(rows.length, expected.size)
    for (const { station_id, as_of, polled_at, vector: stored } of rows)
      assert.deepEqual(stored, [...expected.get(`${station_id} ${as_of} ${polled_at}`)!])
  }
})
