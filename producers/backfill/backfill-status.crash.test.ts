import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { informationJson, statusCsv } from '@velocast/recordings/testing'
import { topics } from '@velocast/schemas'
import { createTestKafka, spawnService, type TestKafka, waitFor } from '@velocast/testkit'
import { readValues } from '../testing/read-values.ts'

const MAIN = new URL('../backfill-main.ts', import.meta.url)
const AT = Date.UTC(2022, 8, 1)
const SNAPSHOTS = 12_000
const POLLS = SNAPSHOTS + 1

const systems = {
  systems: [
    {
      systemId: 'test-city',
      gbfs: 'http://127.0.0.1:1/gbfs.json',
      timeZone: 'America/New_York',
      country: 'US',
      latitude: 40.7,
      longitude: -74,
    },
  ],
}

test('killed in the middle and started again, it ends with what an undisturbed run publishes', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'velocast-backfill-'))
  context.after(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'status.csv'), statusCsv(AT, SNAPSHOTS))
  await writeFile(join(folder, 'information.json'), informationJson(AT))
  const file = join(folder, 'systems.file')
  await writeFile(file, JSON.stringify(systems))
  const start = ({ env }: TestKafka) =>
    spawnService(MAIN, { ...env, SYSTEMS_FILE: file }, ['status', '--system', 'test-city', folder])
  const [killed, undisturbed] = await Promise.all([
    createTestKafka({ partitions: 1 }),
    createTestKafka({ partitions: 1 }),
  ])
  context.after(() => Promise.all([killed.close(), undisturbed.close()]))
  const contentOf = async ({ kafka }: TestKafka) => [
    distinct(await readValues(kafka, topics.stationStatus)),
    distinct(await readValues(kafka, topics.feedPolls)),
    distinct(await readValues(kafka, topics.stationInformation)),
  ]
  const pollsOf = async ({ kafka }: TestKafka) => (await readValues(kafka, topics.feedPolls)).length

  const first = start(killed)
  await waitFor(async () => (await pollsOf(killed)) > 0 || !first.isRunning(), {
    withinMs: 30_000,
    what: 'some polls in the log',
  })
  assert.equal(await first.kill('SIGKILL'), 'SIGKILL', 'it was killed before it was done')
  const polledAtKill = await pollsOf(killed)
  assert.ok(polledAtKill > 0 && polledAtKill < POLLS, `${polledAtKill} polls`)

  const second = start(killed)
  assert.equal(await second.exited, 0, second.lines().join('\n'))
  assert.ok(Number(second.events()[0]?.resumed) > 0, second.lines().join('\n'))
  const whole = start(undisturbed)
  assert.equal(await whole.exited, 0, whole.lines().join('\n'))
  assert.deepEqual(await contentOf(killed), await contentOf(undisturbed))
})

const distinct = (values: readonly unknown[]): string[] => [
  ...new Set(values.map((value) => JSON.stringify(value))),
]
