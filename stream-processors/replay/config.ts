import { configFragments } from '@velocast/runtime'
import { Type } from 'typebox'

export const replayConfig = Type.Object({
  ...configFragments.kafka,
  ...configFragments.database,
  ...configFragments.systems,
  LOG_LEVEL: configFragments.process.LOG_LEVEL,
})
