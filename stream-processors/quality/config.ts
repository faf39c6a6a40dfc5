import { configFragments } from '@velocast/runtime'
import { Type } from 'typebox'

export const qualityConfig = Type.Object({
  ...configFragments.process,
  ...configFragments.kafka,
  ...configFragments.systems,
  SILENCE_CHECK_SECONDS: Type.Integer({
    minimum: 1,
    default: 30,
    description: 'how often it is checked whether polls still come',
  }),
})
