/**
 * How long a poll takes: from before the status of a city of 2,400 stations is asked for, over HTTP, until its last record
 * is acknowledged by the broker; by the job of the producer as it is deployed. And a round of 50 systems of 500 stations on
 * one producer, which is a process of its own here.
 *
 *   … node bench/poll-city.ts [--json] [--polls 60] [--rounds 3]
 *
 * The baseline, in the same run and in turns, does the least: fetch, JSON.parse, and a plain kafkajs send of as many records
 * of the same bytes. It checks nothing, reads nothing into a schema's fields, and is not idempotent.
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  intervalSchedule,
  openHttpClient,
  publishThrough,
  stationCursorFrom,
  stationPolling,
} from '@velocast/producers'
import { systemClock } from '@velocast/runtime'
import { type StationStatus, topics, valueWriter } from '@velocast/schemas'
import {
  createTestKafka,
  generateStatus,
  type SpawnedService,
  spawnService,
  waitFor,
} from '@velocast/testkit'
import { Kafka, logLevel } from 'kafkajs'
import { medianOf } from './median.ts'

const { values: args } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    polls: { type: 'string', default: '60' },
    rounds: { type: 'string', default: '3' },
  },
})

const CITY_STATIONS = 2_400
const SYSTEMS = 50
const SYSTEM_STATIONS = 500
const WARM_UP_POLLS = 5
const ROUND_EVERY_SECONDS = 10
const feeds = new URL('./serve-feeds.ts', import.meta.url)
const producers = new URL('../producers/main.ts', import.meta.url)

const test = await createTestKafka()
const running: SpawnedService[] = []
const spawn = (file: URL, env: Record<string, string>): SpawnedService => {
  const service = spawnService(file, env)
  running.push(service)
  return service
}
const addressOf = (service: SpawnedService, msg: string): Promise<string> =>
  waitFor(() => service.events().find((event) => event.msg === msg)?.address as string | undefined, {
    withinMs: 30_000,
    what: msg,
  })

const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!)
}
const summary = (values: readonly number[]) => ({ p50: quantile(values, 0.5), p95: quantile(values, 0.95) })

const millisecondsOf = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

/** The producer's own job, its cursor kept. */
const openPolling = async (address: string) => {
  const stopping = new AbortController()
  const { signal } = stopping
  const http = openHttpClient({ clock: systemClock, signal, budgetMs: 45_000 })
  const producer = await test.kafka.openProducer()
  const job = stationPolling({
    system: { systemId: 'city', gbfs: `${address}/city/gbfs.json` },
    schedule: intervalSchedule(1_000),
    request: http.request,
    publish: publishThrough(producer, signal),
  })
  let cursor = stationCursorFrom(new Map(), null)
  return {
    poll: async (): Promise<void> => {
      const result = await job.runOnce({ now: Date.now(), cursor })
      cursor = result.cursor
      if (result.published < CITY_STATIONS) throw new Error(`a poll published ${result.published} records`)
    },
    close: async (): Promise<void> => {
      await http.close()
      await producer.close()
    },
  }
}

/** Fetch, parse, send; the bytes are made beforehand. */
const openBareLoop = async () => {
  const kafka = new Kafka({ brokers: (test.env.KAFKA_BROKERS ?? '').split(','), logLevel: logLevel.NOTHING })
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  await producer.connect()
  const encode = valueWriter('station-status')
  const [sample] = generateStatus({ seed: 1, stations: 1, polls: 1 }) as Iterable<StationStatus>
  const value = Buffer.concat([Buffer.alloc(5), encode(sample!)])
  const topic = test.kafka.topicName(topics.stationStatus.name)
  return {
    poll: async (address: string): Promise<void> => {
      const response = await fetch(`${address}/station_status`)
      const { data } = JSON.parse(await response.text()) as { data: { stations: { station_id: string }[] } }
      // One partition, as the records of one system are; kafkajs takes long over more records in a request.
      const messages = data.stations.map(({ station_id }) => ({ key: station_id, value, partition: 0 }))
      await producer.send({ topic, messages, acks: -1 })
    },
    close: () => producer.disconnect(),
  }
}

const measureCity = async () => {
  const server = spawn(feeds, { STATIONS: String(CITY_STATIONS) })
  const address = await addressOf(server, 'listening')
  const polling = await openPolling(address)
  const bare = await openBareLoop()
  const ms = { producer: [] as number[], bareLoop: [] as number[] }
  for (let poll = 0; poll < Number(args.polls) + WARM_UP_POLLS; poll += 1) {
    const producer = await millisecondsOf(polling.poll)
    const bareLoop = await millisecondsOf(() => bare.poll(`${address}/bare`))
    if (poll < WARM_UP_POLLS) continue
    ms.producer.push(producer)
    ms.bareLoop.push(bareLoop)
  }
  await polling.close()
  await bare.close()
  await server.kill()
  const producer = summary(ms.producer)
  const bareLoop = summary(ms.bareLoop)
  return {
    stations: CITY_STATIONS,
    polls: Number(args.polls),
    milliseconds: { producer, bareLoop },
    ratioToBareLoop: Number((producer.p50 / bareLoop.p50).toFixed(2)),
  }
}

const cpuSecondsOf = async (operations: string): Promise<number> => {
  const metrics = await (await fetch(`${operations}/metrics`)).text()
  return Number(/^process_cpu_seconds_total\S* (\S+)$/m.exec(metrics)?.[1])
}

/** Rounds of a producer process after its first one, in which it also starts up. */
const measureRounds = async (address: string) => {
  const file = join(mkdtempSync(join(tmpdir(), 'velocast-bench-')), 'systems.json')
  const systems = Array.from({ length: SYSTEMS }, (_, index) => ({
    systemId: `system-${index}`,
    modelName: `system-${index}`,
    gbfs: `${address}/system-${index}/gbfs.json`,
    timeZone: 'America/New_York',
    country: 'US',
    latitude: 40.7,
    longitude: -74,
    // What it is not about.
    weatherCron: '0 0 1 1 *',
    weather: { provider: 'open-meteo', address },
  }))
  writeFileSync(file, JSON.stringify({ systems }))
  const service = spawn(producers, {
    ...test.env,
    SYSTEMS_FILE: file,
    POLL_EVERY_SECONDS: String(ROUND_EVERY_SECONDS),
    LOG_LEVEL: 'debug',
  })
  const operations = await addressOf(service, 'metrics and health')
  /** When the polls of each round ended, by the moment at which the round was due. */
  const rounds = () => {
    const ended = new Map<number, number[]>()
    for (const { feed, outcome, time } of service.events())
      if (feed === 'station_status' && outcome === 'PUBLISHED') {
        const dueAt = Math.floor(Number(time) / (ROUND_EVERY_SECONDS * 1000)) * ROUND_EVERY_SECONDS * 1000
        ended.set(dueAt, [...(ended.get(dueAt) ?? []), Number(time)])
      }
    return [...ended].filter(([, times]) => times.length === SYSTEMS)
  }
  const completed = (count: number) =>
    waitFor(() => rounds().length >= count, {
      withinMs: (count + 3) * ROUND_EVERY_SECONDS * 1000,
      what: `${count} rounds`,
    })
  await completed(1)
  const cpuBefore = await cpuSecondsOf(operations)
  const before = rounds().length
  await completed(before + Number(args.rounds))
  const cpuSeconds = (await cpuSecondsOf(operations)) - cpuBefore
  await service.kill()
  const measured = rounds().slice(before)
  return {
    seconds: measured.map(([dueAt, times]) => (Math.max(...times) - dueAt) / 1000),
    cpuSeconds: cpuSeconds / measured.length,
  }
}

const measureManySystems = async () => {
  const server = spawn(feeds, { STATIONS: String(SYSTEM_STATIONS) })
  const address = await addressOf(server, 'listening')
  const { seconds, cpuSeconds } = await measureRounds(address)
  const bare = await openBareLoop()
  const systems = Array.from({ length: SYSTEMS }, (_, index) => `${address}/bare-${index}`)
  const bareRound = () => Promise.all(systems.map((system) => bare.poll(system)))
  await bareRound()
  const cpuBefore = process.cpuUsage()
  const bareSeconds: number[] = []
  for (let round = 0; round < Number(args.rounds); round += 1)
    bareSeconds.push((await millisecondsOf(bareRound)) / 1000)
  const { user, system } = process.cpuUsage(cpuBefore)
  await bare.close()
  const rounded = (value: number): number => Number(value.toFixed(2))
  return {
    systems: SYSTEMS,
    stations: SYSTEM_STATIONS,
    roundSeconds: { producer: rounded(medianOf(seconds)), bareLoop: rounded(medianOf(bareSeconds)) },
    cpuSecondsARound: {
      producer: rounded(cpuSeconds),
      bareLoop: rounded((user + system) / 1e6 / bareSeconds.length),
    },
  }
}

try {
  const city = await measureCity()
  const manySystems = await measureManySystems()
  if (args.json) console.log(JSON.stringify({ name: 'poll-city', city, manySystems }))
  else {
    const { producer, bareLoop } = city.milliseconds
    console.log(
      `a poll of ${city.stations} stations, asked → acknowledged: p50 ${producer.p50} ms, p95 ${producer.p95} ms; ` +
        `bare loop ${bareLoop.p50} and ${bareLoop.p95} ms, ratio ${city.ratioToBareLoop}`,
    )
    const { roundSeconds, cpuSecondsARound } = manySystems
    console.log(
      `${manySystems.systems} systems of ${manySystems.stations} stations, a round: ${roundSeconds.producer} s, ` +
        `${cpuSecondsARound.producer} CPU s; bare loop ${roundSeconds.bareLoop} s, ${cpuSecondsARound.bareLoop} CPU s`,
    )
  }
} finally {
  await Promise.all(running.map((service) => service.kill('SIGKILL')))
  await test.close()
}
