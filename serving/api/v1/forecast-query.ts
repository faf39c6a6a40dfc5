import { type Static, Type } from 'typebox'
import { type Quantity, quantities } from './quantities.ts'

const forecastFields = {
  hours: Type.Integer({
    minimum: 1,
    maximum: 168,
    default: 24,
    examples: [2],
    description: 'how many hours ahead',
  }),
  step_minutes: Type.Unsafe<15 | 30 | 60>({
    type: 'integer',
    enum: [15, 30, 60],
    default: 60,
    description: 'between one target and the next',
  }),
  quantity: Type.Array(Type.Unsafe<Quantity>({ type: 'string', enum: quantities }), {
    minItems: 1,
    maxItems: quantities.length,
    uniqueItems: true,
    default: quantities,
    description:
      'what is forecast; everything by default. Given once for each: quantity=bikes&quantity=docks',
  }),
}

export const ForecastQuery = Type.Object(forecastFields)
export type ForecastQuery = Static<typeof ForecastQuery>

export const SystemForecastQuery = Type.Object({
  ...forecastFields,
  station: Type.Optional(
    Type.Array(Type.String({ maxLength: 200 }), {
      minItems: 1,
      maxItems: 200,
      uniqueItems: true,
      examples: [['a', 'b']],
      description: 'a station_id, given once for each; every station that can be forecast by default',
    }),
  ),
})
