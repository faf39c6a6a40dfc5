/** What the benches of streams share: cities, one in each partition; a full topic; how fast a group gets through it. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { partitionOf } from '@velocast/kafka'
import { type StationStatus, topics } from '@velocast/schemas'
import { generateStatus, type SpawnedService, type TestKafka } from '@velocast/testkit'

export interface StreamSize {
  /** In each city. */
  stations: number
  polls: number
}

/** One for each partition, so that all partitions are equally long. */
export const cityIds = (partitions: number): string[] =>
  Array.from({ length: partitions }, (_, partition) => {
    for (let number = 0; ; number++)
      if (partitionOf(`city-${number}`, partitions) === partition) return `city-${number}`
  })

export const writeSystemsFile = (systemIds: readonly string[]): string => {
  const file = join(mkdtempSync(join(tmpdir(), 'velocast-bench-')), 'systems.json')
  const place = { timeZone: 'Europe/Oslo', country: 'NO', latitude: 59.9, longitude: 10.7 }
  const systems = systemIds.map((systemId) => ({
    systemId,
    modelName: systemId,
    gbfs: 'http://127.0.0.1/gbfs.json',
    ...place,
  }))
  writeFileSync(file, JSON.stringify({ systems }))
  return file
}

/** Publishes the cities' polls, one city after the other in each step of time, as live polls would come. */
export const fillStatus = async (
  { kafka }: TestKafka,
  systemIds: readonly string[],
  size: StreamSize,
): Promise<number> => {
  const producer = await kafka.openProducer()
  const cities = systemIds.map((systemId, seed) => generateStatus({ seed, ...size, systemId }))
  let records = 0
  const pollsAtOnce = Math.max(1, Math.floor(4_000 / size.stations))
  for (let poll = 0; poll < size.polls; poll += pollsAtOnce)
    for (const city of cities) {
      const batch = take(city, Math.min(pollsAtOnce, size.polls - poll) * size.stations)
      await producer.send(batch.map((value) => ({ topic: topics.stationStatus, value })))
      records += batch.length
    }
  await producer.close()
  return records
}

const take = (city: Generator<StationStatus>, count: number): StationStatus[] => {
  const taken: StationStatus[] = []
  while (taken.length < count) {
    const { value, done } = city.next()
    if (done) break
    taken.push(value)
  }
  return taken
}

/** Records of station-status a second, from when the group first moves to when it has reached the end. */
export const rateOf = async (
  { kafka }: TestKafka,
  group: string,
  records: number,
  process: SpawnedService,
): Promise<number> => {
  let first: { at: number; lag: number } | null = null
  for (;;) {
    const lag = await kafka.lagOf(group, [topics.stationStatus])
    const at = performance.now()
    if (!first && lag < records) first = { at, lag }
    if (first && lag === 0) return first.lag / ((at - first.at) / 1000)
    if (!process.isRunning()) throw new Error(`It ended:\n${process.lines().slice(-10).join('\n')}`)
    await wait(20)
  }
}
