import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TopicRecord } from '@velocast/kafka'
import { topics } from '@velocast/schemas'
import { batchPublish } from './batch-publish.ts'

const status = (n: number): TopicRecord => ({ topic: topics.stationStatus, value: n })
const weather = (n: number): TopicRecord => ({ topic: topics.weatherObservations, value: n })

test('a batch that begins with status still publishes the weather first, and each topic in order', async () => {
  const batches: string[] = []
  const batch = batchPublish(async (records) => {
    batches.push(records.map(({ topic, value }) => `${topic.name} ${value}`).join(', '))
  }, 4)
  await batch.publish([status(1), status(2)], [])
  await batch.publish([weather(2)], [])
  await batch.publish([status(3), status(4)], [])
  await batch.publish([weather(5)], [])
  await batch.publish([status(5)], [])
  await batch.flush()
  assert.deepEqual(batches, [
    'weather-observations 2, station-status 1, station-status 2, station-status 3, station-status 4',
    'weather-observations 5, station-status 5',
  ])
})
