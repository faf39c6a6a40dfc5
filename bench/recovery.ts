/**
 * How long a city is without new vectors after kill -9 of the features processor, restart included.
 *
 *   KAFKA_BROKERS=… SCHEMA_REGISTRY_URL=… … node bench/recovery.ts [--json] [--rounds 5] [--stations 2400] [--polls 800]
 *
 * The city has a full history and goes on being polled, every half second instead of every minute; snapshots are taken so
 * much oftener too, so that as many readings lie behind the oldest one as in ten minutes of a real city. The processor is
 * killed in the middle of that and started again at once; the baseline is how long such a process takes to start and to
 * have its partitions when nobody was killed. Times are from the kill, split by what the new process logs; first new
 * vector: the first with a later asOf than any before the kill, as a follower of `station-features` sees it.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type StationVector, topics } from '@velocast/schemas'
import {
  createTestKafka,
  generateStatus,
  type SpawnedService,
  spawnService,
  waitFor,
} from '@velocast/testkit'
import { medianOf } from './median.ts'
import { cityIds, rateOf, writeSystemsFile } from './stream-load.ts'

const { values: args } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    stations: { type: 'string', default: '2400' },
    polls: { type: 'string', default: '800' },
  },
})

const PARTITIONS = 6
const POLL_EVERY_MS = 500
const SNAPSHOT_EVERY_SECONDS = 5
const LIVE_POLLS = 2_000
const stations = Number(args.stations)
const polls = Number(args.polls)
const systemId = cityIds(1)[0]!
const systemsFile = writeSystemsFile([systemId])
const features = new URL('../stream-processors/features/main.ts', import.meta.url)

const test = await createTestKafka({ partitions: PARTITIONS })
const producer = await test.kafka.openProducer()
const city = generateStatus({ seed: 1, systemId, stations, polls: polls + LIVE_POLLS })
const publishPoll = async (): Promise<void> => {
  const poll = Array.from({ length: stations }, () => city.next().value!)
  await producer.send(poll.map((value) => ({ topic: topics.stationStatus, value })))
}

const start = (): SpawnedService =>
  spawnService(features, {
    ...test.env,
    SYSTEMS_FILE: systemsFile,
    SNAPSHOT_EVERY_SECONDS: String(SNAPSHOT_EVERY_SECONDS),
    LOG_LEVEL: 'info',
  })

/** When a process logged this, of the city's partition where it names one; null: not yet. */
const loggedAt = (process: SpawnedService, message: string): number | null => {
  const event = process
    .events()
    .find(({ msg, stations }) => msg === message && (stations === undefined || Number(stations) > 0))
  return event ? Number(event.time) : null
}

let newestAsOf = 0
let arrivedAt = 0
const follower = await test.kafka.follow({
  topics: [topics.stationFeatures],
  from: 'end',
  onRecords(records) {
    for (const { value } of records) {
      const { asOf } = value as StationVector
      if (asOf <= newestAsOf) continue
      newestAsOf = asOf
      arrivedAt = Date.now()
    }
  },
})

for (let poll = 0; poll < polls; poll++) await publishPoll()
let processor = start()
await rateOf(test, 'features', stations * polls, processor)
await processor.kill('SIGTERM')

let isLive = true
const live = (async () => {
  while (isLive) {
    await publishPoll()
    await wait(POLL_EVERY_MS)
  }
})()

const measureStart = async (from: number): Promise<Record<string, number>> => {
  const before = newestAsOf
  processor = start()
  await waitFor(() => newestAsOf > before, { withinMs: 60_000, everyMs: 2, what: 'a new vector' })
  const firstVectorAt = arrivedAt
  const at = (message: string): number => loggedAt(processor, message)! - from
  return {
    started: at('metrics and health'),
    assigned: at('partitions assigned'),
    restored: at('histories restored from snapshots'),
    firstVector: firstVectorAt - from,
  }
}

/** Long enough that each station's snapshot has been taken anew. */
const runOn = (): Promise<void> => wait(SNAPSHOT_EVERY_SECONDS * 2_000)

const undisturbed = await measureStart(Date.now())
await runOn()
const rounds: Record<string, number>[] = []
for (let round = 0; round < Number(args.rounds); round++) {
  const killedAt = Date.now()
  await processor.kill('SIGKILL')
  rounds.push(await measureStart(killedAt))
  await runOn()
}
isLive = false
await live
await processor.kill('SIGTERM')
await follower.stop()
await producer.close()
await test.close()

const summary = Object.fromEntries(
  Object.keys(rounds[0]!).map((step) => {
    const times = rounds.map((round) => round[step]!)
    return [step, { p50: medianOf(times), max: Math.max(...times) }]
  }),
)
const restoring = rounds.map(({ restored = 0, assigned = 0 }) => restored - assigned)
const result = {
  name: 'recovery',
  stations,
  rounds: rounds.length,
  afterKillMs: summary,
  restoreAfterAssignmentMs: { p50: medianOf(restoring), max: Math.max(...restoring) },
  startWithoutKillMs: undisturbed,
}
if (args.json) console.log(JSON.stringify(result))
else {
  const line = (name: string, { p50, max }: { p50: number; max: number }): string =>
    `  ${name}: ${p50} ms, at most ${max} ms`
  console.log(`${stations} stations, ${rounds.length} kills; from the kill until`)
  for (const [step, times] of Object.entries(summary)) console.log(line(step, times))
  console.log(line('restored after its assignment', result.restoreAfterAssignmentMs))
  console.log(`  a start without a kill: first new vector after ${undisturbed.firstVector} ms`)
}
