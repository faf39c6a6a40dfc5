import { configFragments } from '@velocast/runtime'
import { Type } from 'typebox'

export const producersConfig = Type.Object({
  ...configFragments.kafka,
  ...configFragments.systems,
  ...configFragments.process,
  POLL_EVERY_SECONDS: Type.Optional(
    Type.Integer({
      minimum: 1,
      description:
        'polls the status of every system at this pace instead of its statusCron, whatever its ttl: for simulators',
    }),
  ),
  POLL_BUDGET_SECONDS: Type.Integer({
    minimum: 1,
    default: 45,
    description: 'how long a poll may take, all its requests and their further attempts together',
  }),
  FEED_CONTACT: Type.Optional(
    Type.String({
      pattern: '^[ -~]*$',
      description: 'a page or an address by which operators find you; sent to them in the User-Agent',
    }),
  ),
})
