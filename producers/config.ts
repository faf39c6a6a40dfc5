import { configFragments } from '@velocast/runtime'
import { Type } from 'typebox'

export const producersConfig = Type.Object({
  ...configFragments.kafka,
  ...configFragments.systems,
  ...configFragments.process,
  POLL_EVERY_SECONDS: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: 'polls the status of every system at this pace instead of its statusCron',
    }),
  ),
  POLL_BUDGET_SECONDS: Type.Integer({
    minimum: 1,
    default: 45,
    description: 'how long one request for a feed may take, further attempts included',
  }),
})
