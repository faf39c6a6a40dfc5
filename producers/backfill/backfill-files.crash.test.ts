/** Back-fills from files, killed in the middle and started again, beside an undisturbed run of the same files. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { informationJson, statusCsv } from '@velocast/recordings/testing'
import { type Topic, topics } from '@velocast/schemas'
import { createTestKafka, spawnService, type TestKafka, waitFor } from '@velocast/testkit'
import { readValues } from '../testing/read-values.ts'

const MAIN = new URL('../backfill-main.ts', import.meta.url)
const AT = Date.UTC(2022, 8, 1)
const HOUR_MS = 3_600_000

const system = {
  systemId: 'test-city',
  gbfs: 'http://127.0.0.1:1/gbfs.json',
  timeZone: 'America/New_York',
  country: 'US',
  latitude: 40.7,
  longitude: -74,
}

const openTest = async (context: TestContext, files: Record<string, string>) => {
  const folder = await mkdtemp(join(tmpdir(), 'velocast-backfill-'))
  context.after(() => rm(folder, { recursive: true }))
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  const systemsFile = join(folder, 'systems')
  await writeFile(systemsFile, JSON.stringify({ systems: [system] }))
  const open = async (): Promise<TestKafka> => {
    const stack = await createTestKafka({ partitions: 1 })
    context.after(() => stack.close())
    return stack
  }
  return {
    killed: await open(),
    undisturbed: await open(),
    start: ({ env }: TestKafka, what: 'status' | 'trips') =>
      spawnService(MAIN, { ...env, SYSTEMS_FILE: systemsFile }, [what, '--system', 'test-city', folder]),
  }
}

/** By key and value: what is published twice with the same content is one. */
// biome-ignore lint/suspicious/noExplicitAny: topics of several types.
const contentOf = async ({ kafka }: TestKafka, ofTopics: readonly Topic<any>[]): Promise<string[][]> =>
  Promise.all(
    ofTopics.map(async (topic) => {
      const values = await readValues(kafka, topic)
      return [...new Set(values.map((value) => JSON.stringify(value)))]
    }),
  )

test('recorded snapshots: killed in the middle and started again, the log is that of an undisturbed run', async (context) => {
  const SNAPSHOTS = 12_000
  const { killed, undisturbed, start } = await openTest(context, {
    'status.csv': statusCsv(AT, SNAPSHOTS),
    'information.json': informationJson(AT),
  })
  const pollsIn = async ({ kafka }: TestKafka) => (await readValues(kafka, topics.feedPolls)).length

  const first = start(killed, 'status')
  await waitFor(async () => (await pollsIn(killed)) > 0, { what: 'polls in the log' })
  assert.equal(await first.kill('SIGKILL'), 'SIGKILL', 'it was killed before it was done')
  const polledAtKill = await pollsIn(killed)
  assert.ok(polledAtKill > 0 && polledAtKill <= SNAPSHOTS, `${polledAtKill} polls`)

  const second = start(killed, 'status')
  assert.equal(await second.exited, 0, second.lines().join('\n'))
  assert.ok(Number(second.events()[0]?.resumed) > 0, second.lines().join('\n'))
  const whole = start(undisturbed, 'status')
  assert.equal(await whole.exited, 0, whole.lines().join('\n'))
  const all = [topics.stationStatus, topics.feedPolls, topics.stationInformation]
  assert.deepEqual(await contentOf(killed, all), await contentOf(undisturbed, all))
})

test('trips: killed while flows are published and started again, every flow is there once', async (context) => {
  const { killed, undisturbed, start } = await openTest(context, { 'trips.csv': generatedTrips(100, 40) })
  const flowsIn = ({ kafka }: TestKafka) => readValues(kafka, topics.stationFlows)

  const first = start(killed, 'trips')
  const some = await waitFor(
    async () => {
      const flows = await flowsIn(killed)
      return flows.length > 0 && flows.length
    },
    { what: 'flows in the log' },
  )
  assert.equal(await first.kill('SIGKILL'), 'SIGKILL', 'it was killed before it was done')

  const second = start(killed, 'trips')
  assert.equal(await second.exited, 0, second.lines().join('\n'))
  const { published, unchanged } = second.events()[0] as { published: number; unchanged: number }
  assert.ok(published > 0 && unchanged >= some, `${published} published, ${unchanged} of ${some} unchanged`)
  const whole = start(undisturbed, 'trips')
  assert.equal(await whole.exited, 0, whole.lines().join('\n'))
  assert.deepEqual(
    await contentOf(killed, [topics.stationFlows]),
    await contentOf(undisturbed, [topics.stationFlows]),
  )
  assert.equal((await flowsIn(killed)).length, published + unchanged, 'nothing twice')
})

/** A trip from each station to the next in every hour. */
const generatedTrips = (stations: number, days: number): string => {
  const lines = ['started_at,ended_at,start_station_id,end_station_id']
  const iso = (at: number): string => new Date(at).toISOString()
  for (let at = AT; at < AT + days * 24 * HOUR_MS; at += HOUR_MS)
    for (let station = 0; station < stations; station++)
      lines.push(`${iso(at)},${iso(at + HOUR_MS / 2)},s${station},s${(station + 1) % stations}`)
  return `${lines.join('\n')}\n`
}
