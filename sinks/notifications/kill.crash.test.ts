import assert from 'node:assert/strict'
import { test } from 'node:test'
import { topics } from '@velocast/schemas'
import { createTestKafka, type SpawnedService, spawnService, waitFor } from '@velocast/testkit'
import { openReceiver } from './testing/open-receiver.ts'
import { alert, failedTraining } from './testing/sample-events.ts'

const main = new URL('./main.ts', import.meta.url)
const events = 60
const kills = 5

test('killed at any moment, a message is told again rather than lost', async () => {
  const [broker, receiver] = await Promise.all([createTestKafka(), openReceiver()])
  const producer = await broker.kafka.openProducer()
  const services: SpawnedService[] = []
  const start = (): SpawnedService => {
    const service = spawnService(main, { ...broker.env, NOTIFY_WEBHOOK_URL: receiver.address })
    services.push(service)
    return service
  }
  try {
    const now = Date.now()
    await producer.send(
      Array.from({ length: events }, (_, index) =>
        index % 2 === 0 ? alert(`alert-${index}`, now + index) : failedTraining(`run-${index}`, now + index),
      ),
    )
    const nameOf = ({ text }: { text: string }): string => /(alert|run)-\d+/.exec(text)?.[0] ?? ''
    for (let kill = 0; kill < kills; kill += 1) {
      // At a message that is kept waiting, and at one that was acknowledged a moment ago.
      const isKeptWaiting = kill % 2 === 0
      const service = start()
      const before = receiver.acknowledged().length
      receiver.answerNext(
        ...Array.from({ length: 3 + kill }, () => ({ status: 200 })),
        ...(isKeptWaiting ? (['silence'] as const) : []),
      )
      if (isKeptWaiting) await receiver.asked()
      else
        await waitFor(() => receiver.acknowledged().length >= before + 3 + kill, {
          everyMs: 1,
          what: 'some messages',
        })
      assert.equal(await service.kill('SIGKILL'), 'SIGKILL')
      assert.ok(
        new Set(receiver.acknowledged().map(nameOf)).size < events,
        'killed too late to be in the middle',
      )
    }
    const survivor = start()
    const group = 'notifications.webhook'
    const followed = [topics.jobRuns, topics.alerts]
    await waitFor(async () => (await broker.lagOf(group, followed)) === 0, {
      what: 'all is told',
    })
    assert.equal(await survivor.kill('SIGTERM'), 0)

    const told = receiver.acknowledged().map(nameOf)
    assert.equal(new Set(told).size, events)
    assert.ok(told.length <= events + kills, `${told.length - events} messages came twice in ${kills} kills`)
    // What comes twice can be told by its id.
    assert.equal(new Set(receiver.acknowledged().map(({ id }) => id)).size, events)
  } finally {
    await Promise.all(services.map((service) => service.kill('SIGKILL')))
    await producer.close()
    await Promise.all([broker.close(), receiver.close()])
  }
})
