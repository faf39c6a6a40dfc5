import { configFragments } from '@velocast/runtime'
import { Type } from 'typebox'

export const featuresConfig = Type.Object({
  ...configFragments.process,
  ...configFragments.kafka,
  ...configFragments.systems,
  BATCH_RECORDS: Type.Integer({
    minimum: 1,
    maximum: 100_000,
    default: 2_000,
    description: 'how many observations are handled between two commits',
  }),
  SNAPSHOT_EVERY_SECONDS: Type.Integer({
    minimum: 1,
    default: 600,
    description: 'how often each station is written to station-state; a restart reads what came after',
  }),
})
