import { configFragments } from '@velocast/runtime'
import { Type } from 'typebox'

/** An address is a secret, and is checked where it is used: whatever fails here is printed with its value. */
export const config = Type.Object({
  ...configFragments.kafka,
  ...configFragments.process,
  SLACK_WEBHOOK_URL: Type.Optional(
    Type.String({ description: "the address of a channel's incoming webhook in Slack; a secret" }),
  ),
  NOTIFY_WEBHOOK_URL: Type.Optional(
    Type.String({ description: 'an address that takes the same messages as JSON; a secret' }),
  ),
  NOTIFY_MAX_AGE_MINUTES: Type.Integer({
    minimum: 1,
    default: 60,
    description: 'what happened longer than this before the start of the service is not told',
  }),
})
