import assert from 'node:assert/strict'
import { test } from 'node:test'
import { topics } from '@velocast/schemas'
import {
  createTestDatabase,
  createTestKafka,
  generateStatus,
  openGate,
  spawnService,
  waitFor,
} from '@velocast/testkit'

const main = new URL('./main.ts', import.meta.url)
const polls = 40
const stations = 50

test('a database that goes away is waited for, from the first moment on: nothing is lost, nobody lends a hand', async () => {
  const [made, broker] = await Promise.all([createTestDatabase(), createTestKafka()])
  const gate = await openGate(made.url)
  await gate.shut()
  const service = spawnService(main, { ...broker.env, DATABASE_URL: gate.url, SINK_MAX_ROWS: '50' })
  const producer = await broker.kafka.openProducer()
  const values = [...generateStatus({ seed: 5, stations, polls })]
  const publish = (from: number, to: number) =>
    producer.send(
      values.slice(from * stations, to * stations).map((value) => ({ topic: topics.stationStatus, value })),
    )
  const rowsAre = (rows: number) =>
    waitFor(
      async () => {
        const { rows: counted } = await made.database.query<{ count: number }>(
          'select count(*) as count from station_status',
        )
        return counted[0]!.count === rows
      },
      { what: `${rows} rows` },
    )
  const isWaiting = () =>
    waitFor(() => service.events().some((event) => event.msg === 'waiting'), {
      what: 'it waits',
    })
  const readiness = async (): Promise<{ status: number; text: string }> => {
    const { address } = service.events().find((event) => event.msg === 'metrics and health') as {
      address: string
    }
    const answer = await fetch(`${address}/health/ready`)
    return { status: answer.status, text: await answer.text() }
  }
  try {
    await publish(0, 10)
    await isWaiting()
    const { status, text } = await readiness()
    assert.equal(status, 503)
    assert.match(text, /"check":"station-status","problem":"database does not answer/)
    await gate.open()
    await rowsAre(10 * stations)

    for (const from of [10, 20, 30]) {
      await publish(from, from + 5)
      await gate.shut()
      await publish(from + 5, from + 10)
      await gate.open()
    }
    await rowsAre(polls * stations)
    const { rows } = await made.database.query<{ bikes: number }>(
      'select bikes from station_status order by observed_at, station_id collate "C"',
    )
    const byTime = values.toSorted(
      (a, b) => a.observedAt - b.observedAt || (a.stationId < b.stationId ? -1 : 1),
    )
    assert.deepEqual(
      rows.map((row) => row.bikes),
      byTime.map((value) => value.bikes),
    )
    await waitFor(async () => (await readiness()).status === 200, { what: 'ready again' })
    assert.equal(await service.kill('SIGTERM'), 0)
  } finally {
    await service.kill('SIGKILL')
    await producer.close()
    await gate.close()
    await Promise.all([made.drop(), broker.close()])
  }
})
