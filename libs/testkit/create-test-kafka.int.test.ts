import assert from 'node:assert/strict'
import { test } from 'node:test'
import { topics } from '@velocast/schemas'
import { createTestKafka } from './create-test-kafka.ts'
import { generateStatus } from './generate-readings.ts'
import { testStack } from './test-stack.ts'
import { waitFor } from './wait-for.ts'

test('topics of one test are its own, can be written past every check, and are gone afterwards', async () => {
  const { kafka, env, writeRaw, readRaw, lagOf, close } = await createTestKafka({ partitions: 2 })
  const prefix = env.KAFKA_TOPIC_PREFIX
  const values = [...generateStatus({ seed: 1, stations: 3, polls: 2 })]
  const producer = await kafka.openProducer()
  await producer.send(values.map((value) => ({ topic: topics.stationStatus, value })))
  await producer.close()
  await writeRaw('station-status', [{ partition: 1, key: 'who', value: 'no Avro', headers: { why: 'test' } }])
  assert.equal(await lagOf('nobody', [topics.stationStatus]), 7)

  const seen: unknown[] = []
  const stage = await kafka.runBatches({
    group: 'readers',
    from: [topics.stationStatus],
    handle: async (records) => {
      seen.push(...records.map((record) => record.value))
      return []
    },
  })
  const caughtUp = async () => (await lagOf('readers', [topics.stationStatus])) === 0
  await waitFor(caughtUp, { what: 'all are read' })
  assert.deepEqual(
    seen.map((value) => ({ ...(value as object) })),
    values,
  )
  const letters = await readRaw('station-status.dlq')
  assert.deepEqual(
    letters.map(({ key, value, headers }) => [key, value?.toString(), headers.why]),
    [['who', 'no Avro', 'test']],
  )
  await stage.stop()
  await close()

  const answer = await fetch(`${testStack().registryUrl}/subjects`)
  assert.deepEqual(
    ((await answer.json()) as string[]).filter((subject) => subject.startsWith(prefix!)),
    [],
  )
})
