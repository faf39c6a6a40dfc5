import { ConfigError } from '@velocast/runtime'
import type { Message } from './message-of-event.ts'

export interface WebhookTarget {
  name: 'slack' | 'webhook'
  /** In messages; the address itself is a secret. */
  title: string
  address: string
  /** What is posted, as JSON. `id` names the record: a message that comes twice has the same. */
  bodyOf: (message: Message, id: string) => object
}

export interface WebhookAddresses {
  SLACK_WEBHOOK_URL?: string
  NOTIFY_WEBHOOK_URL?: string
}

/** Throws a ConfigError where there is none, or one that is no address: it names the variable and never its value. */
export const webhookTargets = (addresses: WebhookAddresses): WebhookTarget[] => {
  const { SLACK_WEBHOOK_URL: slack, NOTIFY_WEBHOOK_URL: webhook } = addresses
  if (slack === undefined && webhook === undefined)
    throw new ConfigError(['neither SLACK_WEBHOOK_URL nor NOTIFY_WEBHOOK_URL says where messages go'])
  const mistakes = [...mistakeIn('SLACK_WEBHOOK_URL', slack), ...mistakeIn('NOTIFY_WEBHOOK_URL', webhook)]
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return [
    ...(slack === undefined
      ? []
      : [{ name: 'slack', title: 'Slack', address: slack, bodyOf: slackBody } as const]),
    ...(webhook === undefined
      ? []
      : [{ name: 'webhook', title: 'the webhook', address: webhook, bodyOf: jsonBody } as const]),
  ]
}

const mistakeIn = (variable: string, address: string | undefined): string[] => {
  if (address === undefined) return []
  const url = URL.canParse(address) ? new URL(address) : null
  if (!url || !['http:', 'https:'].includes(url.protocol))
    return [`${variable} is not an address that begins with https:// or http://`]
  return url.username || url.password
    ? [`${variable} holds a name or a password before its host, which are not sent: put a token in its path`]
    : []
}

const slackBody = ({ title, lines }: Message): object => ({
  text: [`*${escaped(title)}*`, ...lines.map(escaped)].join('\n'),
})

/** Slack's own markup begins with these. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const jsonBody = ({ kind, systemId, happenedAt, title, lines, figures }: Message, id: string): object => ({
  id,
  kind,
  systemId,
  happenedAt: new Date(happenedAt).toISOString(),
  title,
  text: lines.join('\n'),
  figures,
})
