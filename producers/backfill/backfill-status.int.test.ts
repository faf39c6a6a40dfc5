import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { informationJson, statusCsv, statusJson } from '@velocast/recordings/testing'
import { systemClock } from '@velocast/runtime'
import { type StationStatus, topics } from '@velocast/schemas'
import { createTestKafka, type TestKafka } from '@velocast/testkit'
import { readValues } from '../testing/read-values.ts'
import { backfillStatus, type StatusBackfillOptions } from './backfill-status.ts'

const systemId = 'test-city'
/** Years ago: what is stamped with its own time would be deleted by the broker. */
const AT = Date.UTC(2022, 8, 1)
const QUARTER_HOUR_MS = 15 * 60_000

let folder: string
let stack: TestKafka

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'velocast-backfill-'))
  await writeFile(join(folder, 'status_1.csv'), statusCsv(AT, 200))
  await writeFile(join(folder, 'status_2.csv'), statusCsv(AT + 200 * QUARTER_HOUR_MS, 200))
  await writeFile(join(folder, 'information_1.json'), informationJson(AT - QUARTER_HOUR_MS, 20))
  await writeFile(join(folder, 'information_2.json'), informationJson(AT + 300 * QUARTER_HOUR_MS, 30))
  stack = await createTestKafka({ partitions: 1 })
})
after(async () => {
  await stack?.close()
  await rm(folder, { recursive: true })
})

const backfill = ({ kafka }: TestKafka, options: Partial<StatusBackfillOptions> = {}) =>
  backfillStatus({ systemId, paths: [folder], kafka, clock: systemClock, ...options })

const contentOf = async ({ kafka }: TestKafka): Promise<unknown[]> =>
  Promise.all([
    readValues(kafka, topics.stationStatus),
    readValues(kafka, topics.feedPolls),
    readValues(kafka, topics.stationInformation),
  ])

const separate = async (context: TestContext): Promise<TestKafka> => {
  const another = await createTestKafka({ partitions: 1 })
  context.after(() => another.close())
  return another
}

test('what was recorded is published as if the producer had been there; the second run publishes nothing', async () => {
  const shares: number[] = []
  const done = await backfill(stack, { onProgress: ({ share }) => shares.push(share) })
  assert.deepEqual(
    { ...done, seconds: 0 },
    {
      polls: 400,
      observations: 1200,
      resumed: 0,
      rejected: 0,
      leftOut: 0,
      firstAt: AT,
      lastAt: AT + 399 * QUARTER_HOUR_MS,
      needsReplay: false,
      seconds: 0,
    },
  )
  assert.ok(shares.length > 0 && shares.every((share) => share >= 0 && share <= 1))

  const statuses = await readValues(stack.kafka, topics.stationStatus)
  assert.deepEqual(
    statuses.slice(0, 2).map((status) => ({ ...status })),
    [firstOf('a', 37.77), firstOf('b', 37.771)],
  )
  assert.deepEqual(
    statuses.map(({ polledAt, stationId }) => `${polledAt} ${stationId}`),
    statuses.map(({ polledAt, stationId }) => `${polledAt} ${stationId}`).sort(),
  )
  const capacities = new Map(statuses.map(({ observedAt, capacity }) => [observedAt, capacity]))
  assert.deepEqual(
    [299, 300].map((quarter) => capacities.get(AT + quarter * QUARTER_HOUR_MS)),
    [20, 30],
  )

  const before = await contentOf(stack)
  const again = await backfill(stack)
  assert.deepEqual([again.polls, again.resumed], [0, 400])
  assert.deepEqual(await contentOf(stack), before)
})

const firstOf = (stationId: string, latitude: number): StationStatus => ({
  systemId,
  stationId,
  observedAt: AT,
  polledAt: AT,
  reportedAt: AT - 30_000,
  bikes: 0,
  ebikes: 0,
  docks: 20,
  bikesDisabled: 0,
  docksDisabled: 0,
  isInstalled: true,
  isRenting: true,
  isReturning: true,
  capacity: 20,
  latitude,
  longitude: -122.41,
  origin: 'REPORTED',
})

test('a run that was interrupted is gone on with, and the log then holds by key what an undisturbed one writes', async (context) => {
  const interrupted = await separate(context)
  const stopping = new AbortController()
  const first = backfill(interrupted, {
    batchRecords: 60,
    signal: stopping.signal,
    onProgress: ({ observations }) => {
      if (observations >= 600) stopping.abort(new Error('enough'))
    },
  })
  await assert.rejects(first, /enough/)
  const rest = await backfill(interrupted)
  assert.ok(rest.resumed > 0 && rest.polls > 0 && rest.resumed + rest.polls === 400, JSON.stringify(rest))
  assert.deepEqual((await contentOf(interrupted)).map(distinct), (await contentOf(stack)).map(distinct))
})

const distinct = (values: unknown): string[] => [
  ...new Set((values as unknown[]).map((value) => JSON.stringify(value))),
]

test('a window of it, and what lies before the log goes on with, which only a replay computes', async (context) => {
  const another = await separate(context)
  const window = { from: AT + 10 * QUARTER_HOUR_MS, to: AT + 19 * QUARTER_HOUR_MS }
  const late = await backfill(another, window)
  assert.deepEqual([late.polls, late.needsReplay], [10, false])
  const early = await backfill(another, { to: window.from })
  assert.deepEqual([early.polls, early.resumed, early.needsReplay], [10, 1, true])
})

test('without a description the stations are what the log knows them as; without that, they have no position', async (context) => {
  const another = await separate(context)
  const path = join(folder, 'bare.ndjson')
  await writeFile(path, `${statusJson(AT, 3)}\n${statusJson(AT + QUARTER_HOUR_MS, -4)}\n`)
  context.after(() => rm(path))
  const unknown = await backfill(another, { paths: [path] })
  assert.deepEqual([unknown.observations, unknown.rejected], [1, 1])
  await backfill(another, { paths: [join(folder, 'information_2.json'), join(folder, 'status_2.csv')] })
  const later = `${statusJson(AT + 2 * QUARTER_HOUR_MS, 5)}\n`
  await writeFile(path, later)
  await backfill(another, { paths: [path] })
  const of = (quarter: number, statuses: StationStatus[]) =>
    statuses.find(({ observedAt }) => observedAt === AT + quarter * QUARTER_HOUR_MS)
  const statuses = await readValues(another.kafka, topics.stationStatus)
  assert.deepEqual([of(0, statuses)?.capacity, of(2, statuses)?.capacity], [null, 30])
})

/** Snapshots and entries as Python's json counts them; the archive is broken off in its last document. */
const bluebikes = resolve(import.meta.dirname, '../../../shared/data/status/raw')
test('Bluebikes, a day of documents in an archive', {
  skip: existsSync(bluebikes) ? false : `${bluebikes} is not there: recordings are not part of the project`,
}, async (context) => {
  const another = await separate(context)
  const notices: string[] = []
  const done = await backfill(another, { paths: [bluebikes], onNotice: (notice) => notices.push(notice) })
  assert.deepEqual([done.polls, done.observations, done.rejected, done.leftOut], [287, 124_271, 0, 0])
  assert.ok(notices.some((notice) => /tar\.gz is broken off/.test(notice)))
  const statuses = await readValues(another.kafka, topics.stationStatus)
  assert.equal(statuses.length, 124_271)
})
