import { configFragments } from '@velocast/runtime'
import { Type } from 'typebox'

export const config = Type.Object({
  ...configFragments.kafka,
  ...configFragments.database,
  ...configFragments.process,
  SINK_MAX_ROWS: Type.Integer({
    minimum: 1,
    maximum: 20_000,
    default: 5_000,
    description: 'records in one transaction at most',
  }),
})
