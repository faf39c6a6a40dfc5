/** What several routes of `/v1` share. */
import { type TSchema, Type } from 'typebox'
import { ModelName, orNull, problems, time } from '../api-schemas.ts'
import { type MediaType, mediaTypes } from './send-answer.ts'

export const tags = ['v1']

/** What every answer says of itself. */
export const head = {
  as_of: orNull(time('the moment whose knowledge the answer holds; null before the first report')),
  data_age_seconds: orNull(Type.Integer({ description: 'seconds since as_of' })),
  model: Type.Union([ModelName, Type.Null()]),
  degraded: Type.Boolean({ description: 'the answer is worse than it should be; reasons say why' }),
  reasons: Type.Array(Type.String(), { description: 'features_stale, no_features, no_model' }),
}

export const flatFormats = [mediaTypes.csv, mediaTypes.arrow] as const

/** The answer and the problems that a route may give; the answer is JSON, and what else it may be is named. */
export const answers = (
  description: string,
  json: TSchema,
  others: readonly MediaType[],
  ...statuses: (404 | 422 | 503)[]
): Record<string, unknown> => ({
  200: {
    description,
    content: {
      [mediaTypes.json]: { schema: json },
      ...Object.fromEntries(
        others.map((type) => [
          type,
          { schema: type === mediaTypes.geojson ? GeoJson : Type.String({ contentMediaType: type }) },
        ]),
      ),
    },
  },
  304: { description: 'the client has it: If-None-Match named its ETag', type: 'null' },
  ...problems(...statuses, 406),
})

const GeoJson = Type.Object(
  {
    type: Type.Literal('FeatureCollection'),
    features: Type.Array(
      Type.Object({
        type: Type.Literal('Feature'),
        id: Type.String(),
        geometry: Type.Union([
          Type.Object({ type: Type.Literal('Point'), coordinates: Type.Array(Type.Number()) }),
          Type.Null(),
        ]),
        properties: Type.Record(Type.String(), Type.Unknown()),
      }),
    ),
  },
  { description: 'RFC 7946; what is said of the whole answer stands beside the features' },
)

export const Page = {
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'the most in one answer' }),
  cursor: Type.Optional(
    Type.String({ maxLength: 600, description: 'next_cursor of the page before; the first page without' }),
  ),
}

export const nextCursor = orNull(Type.String({ description: 'for the next page; null on the last' }))
