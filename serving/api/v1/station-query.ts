/** Which stations, in which order: by a text, around a place, a page of them. */
import { type Static, Type } from 'typebox'
import { HttpProblem } from '../http-problem.ts'
import type { Knowledge } from '../knowledge.ts'
import { nearestTo } from './nearest.ts'
import { type PageOf, pageOf } from './paging.ts'
import { Page } from './schemas.ts'
import { type DirectoryStation, stationIdsOf, stationOf } from './station-directory.ts'

export const Around = {
  latitude: Type.Optional(
    Type.Number({ minimum: -90, maximum: 90, description: 'degrees north of a place; with longitude' }),
  ),
  longitude: Type.Optional(
    Type.Number({ minimum: -180, maximum: 180, description: 'degrees east of a place; with latitude' }),
  ),
  within_metres: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100_000, description: 'of the place, in a straight line' }),
  ),
}

export const StationQuery = Type.Object({
  search: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'a part of the name or the id, in any case',
    }),
  ),
  ...Around,
  ...Page,
})
export type StationQuery = Static<typeof StationQuery>

export type FoundStation = DirectoryStation & { distanceMetres: number | null }

/** The nearest first where a place is named, else by id. Throws a 422 for half a place. */
export const findStations = (knowledge: Knowledge, query: StationQuery): PageOf<FoundStation> => {
  const { latitude, longitude, within_metres: within } = query
  const wanted = query.search?.toLowerCase()
  let stations: FoundStation[] = stationIdsOf(knowledge).map((stationId) => ({
    ...stationOf(knowledge, stationId),
    distanceMetres: null,
  }))
  if (wanted !== undefined)
    stations = stations.filter(
      ({ stationId, name }) =>
        stationId.toLowerCase().includes(wanted) || name?.toLowerCase().includes(wanted) === true,
    )
  if (latitude !== undefined && longitude !== undefined) {
    stations = nearestTo({ latitude, longitude }, stations)
    if (within !== undefined) stations = stations.filter(({ distanceMetres }) => distanceMetres! <= within)
  } else if (latitude !== undefined || longitude !== undefined || within !== undefined)
    throw new HttpProblem(
      422,
      'A place needs both latitude and longitude; within_metres needs a place.',
      'invalid-parameter',
    )
  return pageOf(
    stations,
    ({ distanceMetres, stationId }) => ({ rank: distanceMetres ?? 0, id: stationId }),
    query,
  )
}
