import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { TopicProducer } from '@velocast/kafka'
import { topics } from '@velocast/schemas'
import {
  createTestKafka,
  type SpawnedService,
  spawnService,
  type TestKafka,
  waitFor,
} from '@velocast/testkit'
import { openReceiver, type Receiver } from './testing/open-receiver.ts'
import { alert, failedTraining, promotion } from './testing/sample-events.ts'

const main = new URL('./main.ts', import.meta.url)
const MINUTE_MS = 60_000
const followed = [topics.modelPromoted, topics.modelRejected, topics.jobRuns, topics.alerts]

describe('notifications as a process', () => {
  let broker: TestKafka
  let producer: TopicProducer
  let slack: Receiver
  let webhook: Receiver
  let service: SpawnedService
  before(async () => {
    ;[broker, slack, webhook] = await Promise.all([createTestKafka(), openReceiver(), openReceiver()])
    producer = await broker.kafka.openProducer()
    // Older than an hour at the start: nobody needs to hear of it any more.
    await producer.send([
      promotion('1', Date.now() - 61 * MINUTE_MS),
      promotion('2', Date.now() - 30 * MINUTE_MS),
    ])
    service = spawnService(main, {
      ...broker.env,
      SLACK_WEBHOOK_URL: slack.address,
      NOTIFY_WEBHOOK_URL: webhook.address,
      LOG_LEVEL: 'trace',
    })
  })
  after(async () => {
    await service?.kill('SIGKILL')
    await producer?.close()
    await Promise.all([broker?.close(), slack?.close(), webhook?.close()])
  })

  const titles = (): string[] => webhook.acknowledged().map(({ title }) => title)
  const told = (title: string, receiver = webhook): Promise<unknown> =>
    waitFor(
      () => receiver.acknowledged().find((body) => (body.title ?? body.text).includes(title)) !== undefined,
      { what: title, lines: service.lines },
    )
  const lagOf = async (target: string): Promise<number> => broker.lagOf(`notifications.${target}`, followed)

  it('tells both receivers, and nothing of what is older than an hour', async () => {
    await told('version 2 of velocast is promoted')
    await told('version 2 of velocast is promoted', slack)
    assert.deepEqual(titles(), ['testville: version 2 of velocast is promoted, the first'])
    assert.deepEqual(slack.acknowledged(), [
      { text: '*testville: version 2 of velocast is promoted, the first*\nbetter\nRMSE 2.000' },
    ])
  })

  it('tries again what is answered with 500 or 429, for as long as it takes, in order; the other is not held up', async () => {
    slack.usually({ status: 500 })
    const asked = slack.bodies().length
    await producer.send([alert('first'), alert('second'), failedTraining('third')])
    await told('training failed')
    await waitFor(() => slack.bodies().length >= asked + 3, {
      what: 'Slack is asked again',
    })
    assert.equal(slack.acknowledged().length, 1)
    assert.ok((await lagOf('slack')) > 0, 'the offset has not moved')
    assert.equal(
      new Set(
        slack
          .bodies()
          .slice(asked)
          .map(({ text }) => text),
      ).size,
      1,
    )
    const { address } = service.events().find(({ msg }) => msg === 'metrics and health') as {
      address: string
    }
    const ready = await fetch(`${address}/health/ready`)
    assert.equal(ready.status, 503)
    assert.match(await ready.text(), /"check":"slack","problem":"Slack does not answer: it answered 500"/)

    slack.answerNext({ status: 429, headers: { 'retry-after': '1' } })
    slack.usually({ status: 200 })
    await told('training failed', slack)
    await waitFor(async () => (await lagOf('slack')) === 0, { what: 'all is committed' })
    const texts = slack.acknowledged().map(({ text }) => text.split('\n')[0])
    assert.equal(texts.length, 4, texts.join('\n'))
    assert.ok(
      texts.indexOf('*testville: WARNING: first is so*') <
        texts.indexOf('*testville: WARNING: second is so*'),
    )
  })

  it('passes over what a receiver refuses, and says so', async () => {
    webhook.answerNext({ status: 400, body: 'invalid_payload' })
    await producer.send([alert('refused'), alert('taken')])
    await told('taken')
    assert.equal(
      titles().some((title) => title.includes('refused')),
      false,
    )
    // Its output may be on its way still when the next message has come.
    const said = await waitFor(() => service.events().find(({ msg }) => msg === 'message refused'), {
      what: 'the refusal is in the log',
    })
    assert.equal(said.detail, 'it answered 400: invalid_payload')
    await waitFor(async () => (await lagOf('webhook')) === 0, { what: 'all is committed' })
  })

  it('stops in order while a receiver is away, and has logged no address', async () => {
    slack.usually({ status: 503 })
    const asked = slack.bodies().length
    await producer.send([alert('left over')])
    await waitFor(() => slack.bodies().length > asked, { what: 'Slack is asked' })
    assert.equal(await service.kill('SIGTERM'), 0)
    assert.equal(await lagOf('slack'), 1)
    assert.doesNotMatch(service.lines().join('\n'), /secret/)
    assert.match(service.lines().join('\n'), /message sent/)
  })
})

describe('notifications without an address', () => {
  it('end with exit code 2, and name the variables', async () => {
    const service = spawnService(main, {})
    assert.equal(await service.exited, 2)
    assert.match(service.lines().join('\n'), /neither SLACK_WEBHOOK_URL nor NOTIFY_WEBHOOK_URL/)
  })
})
