import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TopicProducer, TopicRecord } from '@velocast/kafka'
import { noTracer, type SpanOptions, type Tracer } from '@velocast/runtime'
import { type FeedPoll, type StationInformation, topics } from '@velocast/schemas'
import type { Job, Publish } from './job.ts'
import { publishThrough } from './log/publish-through.ts'
import { openPoll } from './poll-report.ts'
import { traceJob } from './trace-job.ts'

const station: StationInformation = {
  systemId: 'a',
  stationId: '1',
  name: 'One',
  latitude: 1,
  longitude: 2,
  capacity: 3,
  isVirtual: false,
  regionId: null,
  polledAt: 4,
}
const poll: FeedPoll = openPoll('a', 'station_status', 4, 0)

const jobOf = (publish: Publish): Job<number> => ({
  name: 'stations',
  isDue: () => true,
  runOnce: async ({ cursor }) => {
    await publish([{ topic: topics.stationInformation, value: station }], [poll])
    return { published: 1, skipped: 0, cursor: cursor + 1, reports: [] }
  },
})

const run = async (tracer: Tracer, runs: number): Promise<TopicRecord[]> => {
  const sent: TopicRecord[] = []
  const producer = { send: async (records) => void sent.push(...records) } as TopicProducer
  const publish = publishThrough(producer, new AbortController().signal)
  const job = traceJob({ tracer, systemId: 'a', publish, jobOf })
  for (let cursor = 0; cursor < runs; cursor++)
    assert.equal((await job.runOnce({ now: 0, cursor })).cursor, cursor + 1)
  return sent
}

test('each run is a span, and all that it publishes says which', async () => {
  const spans: [string, SpanOptions][] = []
  const tracer: Tracer = {
    span: (name, options, work) => {
      spans.push([name, options])
      return work(`place-${spans.length}`)
    },
  }
  const sent = await run(tracer, 2)
  assert.deepEqual(
    sent.map(({ topic, headers }) => [topic.name, headers?.traceparent]),
    [
      ['station-information', 'place-1'],
      ['feed-polls', 'place-1'],
      ['station-information', 'place-2'],
      ['feed-polls', 'place-2'],
    ],
  )
  assert.deepEqual(spans[0], [
    'poll stations',
    { attributes: { 'velocast.system': 'a', 'velocast.job': 'stations' } },
  ])
})

test('without a tracer records have no headers', async () => {
  for (const record of await run(noTracer, 1)) assert.equal('headers' in record, false)
})
