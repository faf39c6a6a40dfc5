import { Type } from 'typebox'
import { orNull, StationPath, SystemPath } from '../api-schemas.ts'
import type { Knowledge } from '../knowledge.ts'
import type { TypedApp } from '../typed-app.ts'
import { type AboutAnswer, aboutSystem, presentHead } from './answer-head.ts'
import { freshSeconds } from './freshness.ts'
import { answers, flatFormats, head, nextCursor, tags } from './schemas.ts'
import { mediaTypes, sendAnswer } from './send-answer.ts'
import { stationOf } from './station-directory.ts'
import { type FoundStation, findStations, StationQuery } from './station-query.ts'
import { presentState, stateCells, stateColumns, stateFields } from './station-state.ts'
import { number, type Table, text } from './table.ts'
import { tableFormats } from './table-formats.ts'
import { checkStation, type V1Context } from './v1-context.ts'

const stationFields = {
  station_id: Type.String(),
  name: orNull(Type.String()),
  latitude: orNull(Type.Number({ description: 'degrees north, WGS 84' })),
  longitude: orNull(Type.Number({ description: 'degrees east, WGS 84' })),
  capacity: orNull(Type.Number({ description: 'docks in all' })),
}

const Stations = Type.Object({
  system_id: Type.String(),
  ...head,
  next_cursor: nextCursor,
  stations: Type.Array(
    Type.Object({
      ...stationFields,
      distance_metres: Type.Optional(Type.Integer({ description: 'from the place that was named' })),
      ...stateFields,
    }),
  ),
})

const Station = Type.Object({ system_id: Type.String(), ...head, ...stationFields })
const State = Type.Object({ system_id: Type.String(), ...head, ...stationFields, ...stateFields })

export const addStations = (app: TypedApp, { predictor, systemOf }: V1Context): void => {
  app.get(
    '/v1/systems/:system/stations',
    {
      schema: {
        tags,
        operationId: 'listStations',
        summary: "A system's stations with what they report: all, by a text, or the nearest to a place",
        params: SystemPath,
        querystring: StationQuery,
        response: answers('a page of stations', Stations, [mediaTypes.geojson, ...flatFormats], 404, 422),
      },
    },
    (request, reply) => {
      const { knowledge, ...system } = systemOf(request.params.system)
      const { systemId } = knowledge.system
      const about = aboutSystem({ knowledge, ...system }, predictor)
      const { rows, nextCursor: next } = findStations(knowledge, request.query)
      if (next) reply.header('link', `<${nextAddress(request.url, next)}>; rel="next"`)
      const whole = { system_id: systemId, ...presentHead(about), next_cursor: next }
      const present = (station: FoundStation) => presentStation(knowledge, station, about.now)
      return sendAnswer(request, reply, {
        about,
        madeOf: [knowledge.changes.all()],
        maxAgeSeconds: freshSeconds(knowledge, about.asOf, about.now),
        formats: {
          [mediaTypes.json]: () => JSON.stringify({ ...whole, stations: rows.map(present) }),
          [mediaTypes.geojson]: () =>
            JSON.stringify({
              type: 'FeatureCollection',
              ...whole,
              features: rows.map((station) => featureOf(station, present(station))),
            }),
          ...tableFormats(() => tableOf(knowledge, rows, about), about),
        },
      })
    },
  )

  app.get(
    '/v1/systems/:system/stations/:station',
    {
      schema: {
        tags,
        operationId: 'getStation',
        summary: 'What a station is',
        params: StationPath,
        response: answers('the station', Station, [], 404, 422),
      },
    },
    (request, reply) => {
      const system = systemOf(request.params.system)
      const { knowledge } = system
      const { station: stationId } = request.params
      checkStation(system, stationId)
      const about = aboutSystem(system, predictor, knowledge.vectors.get(stationId)?.asOf ?? null)
      return sendAnswer(request, reply, {
        about,
        madeOf: [knowledge.changes.ofStation(stationId)],
        maxAgeSeconds: freshSeconds(knowledge, about.asOf, about.now),
        formats: {
          [mediaTypes.json]: () =>
            JSON.stringify({
              system_id: knowledge.system.systemId,
              ...presentHead(about),
              ...presentFacts(stationOf(knowledge, stationId)),
            }),
        },
      })
    },
  )

  app.get(
    '/v1/systems/:system/stations/:station/state',
    {
      schema: {
        tags,
        operationId: 'getStationState',
        summary: 'What is at a station now',
        params: StationPath,
        response: answers('the newest report', State, flatFormats, 404, 422, 503),
      },
    },
    (request, reply) => {
      const system = systemOf(request.params.system)
      const { knowledge } = system
      const { station: stationId } = request.params
      checkStation(system, stationId)
      const asOf = knowledge.vectors.get(stationId)?.asOf ?? null
      const about = aboutSystem(system, predictor, asOf)
      const station = { ...stationOf(knowledge, stationId), distanceMetres: null }
      return sendAnswer(request, reply, {
        about,
        madeOf: [knowledge.changes.ofStation(stationId)],
        maxAgeSeconds: freshSeconds(knowledge, asOf, about.now),
        formats: {
          [mediaTypes.json]: () =>
            JSON.stringify({
              system_id: knowledge.system.systemId,
              ...presentHead(about),
              ...presentFacts(station),
              ...presentState(knowledge, stationId, about.now),
            }),
          ...tableFormats(() => tableOf(knowledge, [station], about), about),
        },
      })
    },
  )
}

const presentFacts = ({
  stationId,
  name,
  latitude,
  longitude,
  capacity,
}: Omit<FoundStation, 'distanceMetres'>) => ({
  station_id: stationId,
  name,
  latitude,
  longitude,
  capacity,
})

const presentStation = (knowledge: Knowledge, station: FoundStation, now: number) => ({
  ...presentFacts(station),
  ...(station.distanceMetres !== null && { distance_metres: station.distanceMetres }),
  ...presentState(knowledge, station.stationId, now),
})

const featureOf = ({ stationId, latitude, longitude }: FoundStation, properties: object) => ({
  type: 'Feature',
  id: stationId,
  geometry:
    latitude === null || longitude === null ? null : { type: 'Point', coordinates: [longitude, latitude] },
  properties,
})

const nextAddress = (url: string, cursor: string): string => {
  const [path, query] = url.split('?')
  const parameters = new URLSearchParams(query)
  parameters.set('cursor', cursor)
  return `${path}?${parameters}`
}

const tableOf = (knowledge: Knowledge, stations: readonly FoundStation[], about: AboutAnswer): Table => ({
  columns: [
    text('system_id'),
    text('station_id'),
    text('name'),
    number('latitude'),
    number('longitude'),
    number('capacity'),
    number('distance_metres'),
    ...stateColumns,
  ],
  rows: stations.map((station) => [
    knowledge.system.systemId,
    station.stationId,
    station.name,
    station.latitude,
    station.longitude,
    station.capacity,
    station.distanceMetres,
    ...stateCells(knowledge, station.stationId, about.now),
  ]),
})
