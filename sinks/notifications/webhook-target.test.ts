import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '@velocast/runtime'
import type { Message } from './message-of-event.ts'
import { type WebhookAddresses, webhookTargets } from './webhook-target.ts'

const message: Message = {
  kind: 'alert-raised',
  systemId: 'oslo',
  happenedAt: Date.UTC(2026, 5, 10),
  title: 'oslo: <3 & more',
  lines: ['a > b', 'second'],
  figures: { rmse: 2 },
}

const mistakesOf = (addresses: WebhookAddresses): string => {
  try {
    webhookTargets(addresses)
    return ''
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.mistakes.join('\n')
  }
}

test('Slack gets text in its own markup, the webhook JSON with the numbers and an id', () => {
  const [slack, webhook] = webhookTargets({
    SLACK_WEBHOOK_URL: 'https://hooks.example.org/services/T/B/secret',
    NOTIFY_WEBHOOK_URL: 'http://127.0.0.1:9/hook',
    // What else the service's configuration holds is no address.
    ...({ KAFKA_BROKERS: '127.0.0.1:9092' } as object),
  })
  assert.deepEqual(slack!.bodyOf(message, 'alerts/0/1'), {
    text: '*oslo: &lt;3 &amp; more*\na &gt; b\nsecond',
  })
  assert.deepEqual(webhook!.bodyOf(message, 'alerts/0/1'), {
    id: 'alerts/0/1',
    kind: 'alert-raised',
    systemId: 'oslo',
    happenedAt: '2026-06-10T00:00:00.000Z',
    title: 'oslo: <3 & more',
    text: 'a > b\nsecond',
    figures: { rmse: 2 },
  })
})

test('there is a target for each address, and an error where there is none', () => {
  assert.deepEqual(
    webhookTargets({ NOTIFY_WEBHOOK_URL: 'https://example.org/' }).map(({ name }) => name),
    ['webhook'],
  )
  assert.match(mistakesOf({}), /neither SLACK_WEBHOOK_URL nor NOTIFY_WEBHOOK_URL/)
})

test('a mistake names the variable, and never the secret', () => {
  const mistakes = mistakesOf({
    SLACK_WEBHOOK_URL: 'hooks.example.org/secret',
    NOTIFY_WEBHOOK_URL: 'https://secret:secret@example.org/secret',
  })
  assert.match(mistakes, /SLACK_WEBHOOK_URL is not an address.*\nNOTIFY_WEBHOOK_URL holds a name/)
  assert.doesNotMatch(mistakes, /secret/)
})
