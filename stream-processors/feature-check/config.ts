import { configFragments } from '@velocast/runtime'
import { Type } from 'typebox'

export const featureCheckConfig = Type.Object({
  ...configFragments.process,
  ...configFragments.kafka,
  ...configFragments.database,
  ...configFragments.systems,
  CHECK_EVERY_SECONDS: Type.Integer({
    minimum: 1,
    default: 3_600,
    description: 'how often a system is checked; the systems take turns',
  }),
  CHECK_WINDOW_MINUTES: Type.Integer({
    minimum: 1,
    default: 60,
    description: 'of how long a time the vectors are computed again',
  }),
  CHECK_DELAY_MINUTES: Type.Integer({
    minimum: 0,
    default: 10,
    description: 'how long ago that time ends: what was polled then must have reached the table',
  }),
  CHECK_OBSERVATIONS_PER_SECOND: Type.Integer({
    minimum: 1,
    default: 20_000,
    description: 'how fast the log is read at most; five weeks come before what is compared',
  }),
})
