/** The service as it runs: its own process, the real broker, an operator over HTTP. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import { type FeedPoll, topics } from '@velocast/schemas'
import {
  createTestKafka,
  type SpawnedService,
  spawnService,
  type TestKafka,
  waitFor,
} from '@velocast/testkit'
import { STATUS_FEED } from './stations/station-cursor.ts'
import { readValues } from './testing/read-values.ts'
import { type Operator, STATION_IDS, serveOperator } from './testing/serve-operator.ts'

const MAIN = new URL('./main.ts', import.meta.url)

let stack: TestKafka
let operator: Operator
let folder: string
const running: SpawnedService[] = []

before(async () => {
  stack = await createTestKafka()
  operator = await serveOperator()
  folder = mkdtempSync(join(tmpdir(), 'velocast-producers-'))
})
afterEach(async () => {
  operator.setStatus('live')
  await Promise.all(running.splice(0).map((service) => service.kill('SIGKILL')))
})
after(async () => {
  await stack?.close()
  await operator?.close()
  rmSync(folder, { recursive: true, force: true })
})

const start = (
  settings: Record<string, string> = {},
  systems: object[] = [operator.system],
): SpawnedService => {
  const file = join(folder, 'systems.json')
  writeFileSync(file, JSON.stringify({ systems }))
  const service = spawnService(MAIN, {
    ...stack.env,
    SYSTEMS_FILE: file,
    POLL_EVERY_SECONDS: '1',
    POLL_BUDGET_SECONDS: '2',
    LOG_LEVEL: 'debug',
    ...settings,
  })
  running.push(service)
  return service
}

/** Outcomes of the polls that a process logged, oldest first. */
const outcomes = (service: SpawnedService, systemId = operator.system.systemId): string[] =>
  service
    .events()
    .filter(({ feed, system }) => feed === STATUS_FEED && system === systemId)
    .map(({ outcome }) => String(outcome))
const polled = (service: SpawnedService, outcome: string, count = 1) =>
  waitFor(() => outcomes(service).filter((each) => each === outcome).length >= count, {
    what: `${count} polls end as ${outcome}`,
  })

const statusNames = async (): Promise<string[]> =>
  (await readValues(stack.kafka, topics.stationStatus)).map(
    ({ stationId, observedAt }) => `${stationId} ${observedAt}`,
  )
const weatherMoments = async (): Promise<number[]> =>
  (await readValues(stack.kafka, topics.weatherObservations)).map(({ observedAt }) => observedAt)
const statusPolls = async (): Promise<FeedPoll[]> =>
  (await readValues(stack.kafka, topics.feedPolls)).filter(({ feed }) => feed === STATUS_FEED)

test('polls follow each other, each closed by its record; a stop is clean and a restart repeats nothing', async () => {
  const service = start()
  await polled(service, 'PUBLISHED', 3)
  operator.setStatus({ frozenAt: Date.now() })
  await polled(service, 'UNCHANGED')
  assert.equal(await service.kill('SIGTERM'), 0)

  const names = await statusNames()
  assert.equal(new Set(names).size, names.length)
  const published = (await statusPolls()).reduce((sum, poll) => sum + poll.published, 0)
  assert.equal(names.length, published)
  assert.equal(names.length % STATION_IDS.length, 0)

  const restarted = start()
  await polled(restarted, 'UNCHANGED')
  assert.equal(await restarted.kill('SIGTERM'), 0)
  assert.deepEqual(await statusNames(), names)
  assert.equal((await readValues(stack.kafka, topics.stationInformation)).length, STATION_IDS.length)
  // Two when a quarter of an hour began meanwhile.
  const moments = await weatherMoments()
  assert.ok(moments.length > 0)
  assert.equal(new Set(moments).size, moments.length)
})

test('an outage or garbage is a failed poll that says why, and the next one goes on', async () => {
  operator.setStatus('garbage')
  const service = start()
  await polled(service, 'FAILED')
  operator.setStatus('live')
  await polled(service, 'PUBLISHED')
  assert.ok(service.isRunning())
  const details = (await statusPolls())
    .filter(({ outcome }) => outcome === 'FAILED')
    .map(({ detail }) => detail)
  assert.match(details.at(-1) ?? '', /station_status is not JSON/)
})

test('a system whose operator is away delays no other', async () => {
  const away = { ...operator.system, systemId: 'away', modelName: 'away', gbfs: 'http://127.0.0.1:1/gbfs' }
  const service = start({ POLL_BUDGET_SECONDS: '30' }, [away, operator.system])
  await polled(service, 'PUBLISHED', 3)
})

test('what is wrong with the configuration is told, and ends the process with 2', async () => {
  const weather = { provider: 'openweathermap', apiKeyVariable: 'SKY_KEY' }
  const service = start({}, [{ ...operator.system, weather }])
  assert.equal(await service.exited, 2)
  assert.match(service.lines().join('\n'), /SKY_KEY is not set/)
})
