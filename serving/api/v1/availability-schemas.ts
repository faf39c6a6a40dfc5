import { type Static, Type } from 'typebox'
import { orNull, time } from '../api-schemas.ts'
import { head } from './schemas.ts'

const need = Type.Union([Type.Literal('bike'), Type.Literal('dock')])

const question = {
  at: Type.String({
    maxLength: 40,
    examples: ['2026-05-04T12:00:00Z'],
    description: 'ISO 8601; UTC where it has no offset',
  }),
  need: Type.Unsafe<'bike' | 'dock'>({ type: 'string', enum: ['bike', 'dock'], default: 'bike' }),
  likely_from: Type.Number({
    minimum: 0,
    maximum: 1,
    default: 0.8,
    examples: [0.9],
    description: 'the probability from which on it counts as likely',
  }),
  within_metres: Type.Integer({
    minimum: 1,
    maximum: 10_000,
    default: 1_000,
    description: 'how far to look',
  }),
  alternatives: Type.Integer({ minimum: 0, maximum: 20, default: 5, description: 'how many to look at' }),
}
export const AtStation = Type.Object(question)
const { alternatives, ...anyPlace } = question
export const AtPlace = Type.Object({
  ...anyPlace,
  latitude: Type.Number({ minimum: -90, maximum: 90, examples: [59.9], description: 'degrees north' }),
  longitude: Type.Number({ minimum: -180, maximum: 180, examples: [10.7], description: 'degrees east' }),
  stations: Type.Integer({ ...alternatives, minimum: 1 }),
})
export type Question = Static<typeof AtStation>

export const Chance = Type.Object({
  station_id: Type.String(),
  name: orNull(Type.String()),
  latitude: orNull(Type.Number()),
  longitude: orNull(Type.Number()),
  distance_metres: Type.Integer({ description: 'in a straight line' }),
  as_of: time('of the report that this is forecast from'),
  probability: Type.Number({ description: 'of at least one' }),
  expected: orNull(Type.Number({ description: 'how many; null where the operator publishes no docks' })),
  likely: Type.Boolean({ description: 'as probable as was asked for' }),
  degraded: Type.Boolean(),
  reasons: Type.Array(Type.String()),
})
export type Chance = Static<typeof Chance>

const asked = { target_at: time('the moment that was asked about'), need }
const suggestion = orNull(
  Type.String({
    description: 'the nearest station where it is likely, else the likeliest; null where there is none',
  }),
)
export const StationAvailability = Type.Object({
  system_id: Type.String(),
  ...head,
  ...asked,
  station: Chance,
  suggestion,
  alternatives: Type.Array(Chance, {
    description: 'the nearest others, the nearest first; empty where it is likely at the station itself',
  }),
})
export const PlaceAvailability = Type.Object({
  system_id: Type.String(),
  ...head,
  ...asked,
  suggestion,
  stations: Type.Array(Chance, { description: 'the nearest first' }),
})
