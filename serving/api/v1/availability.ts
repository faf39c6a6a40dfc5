/** Will there be a bike, or a dock, at a moment, and if not, where near by? */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { StationPath, SystemPath } from '../api-schemas.ts'
import { reachOf } from '../forecast-targets.ts'
import { HttpProblem } from '../http-problem.ts'
import { parseTime } from '../parse-time.ts'
import type { SystemPredictor } from '../predictor.ts'
import { isoTime } from '../present-forecast.ts'
import type { TypedApp } from '../typed-app.ts'
import { aboutSystem, presentHead } from './answer-head.ts'
import { AtPlace, AtStation, PlaceAvailability, StationAvailability } from './availability-schemas.ts'
import { chanceTable } from './chance-table.ts'
import { aboutChances, chancesAt, isChance, nearby, suggestionFrom } from './chances.ts'
import { freshSeconds } from './freshness.ts'
import { problemOf } from './outcome-problem.ts'
import { answers, flatFormats, tags } from './schemas.ts'
import { mediaTypes, sendAnswer } from './send-answer.ts'
import { stationOf } from './station-directory.ts'
import { tableFormats } from './table-formats.ts'
import { checkStation, type V1Context } from './v1-context.ts'

export const addAvailability = (app: TypedApp, { predictor, systemOf }: V1Context): void => {
  app.get(
    '/v1/systems/:system/stations/:station/availability',
    {
      schema: {
        tags,
        operationId: 'getStationAvailability',
        summary: 'Will there be a bike, or a dock, and if not, at which of the nearest stations?',
        params: StationPath,
        querystring: AtStation,
        response: answers('the chances', StationAvailability, flatFormats, 404, 422, 503),
      },
    },
    async (request, reply) => {
      const { params, query } = request
      const system = systemOf(params.system)
      const { knowledge } = system
      checkStation(system, params.station)
      const targetAt = parseTime(query.at, 'at')
      const asOf = knowledge.vectors.get(params.station)?.asOf ?? null
      checkReach(system, asOf, targetAt)
      const here = { ...stationOf(knowledge, params.station), distanceMetres: 0 }
      const [station] = await chancesAt(predictor, system, [here], targetAt, query)
      if (!isChance(station!)) throw problemOf(station!)
      const { latitude, longitude } = here
      const isPlaced = latitude !== null && longitude !== null
      const others =
        station.likely || !isPlaced
          ? []
          : nearby(system, { latitude, longitude }, targetAt, query, params.station).slice(
              0,
              query.alternatives,
            )
      const alternatives = (await chancesAt(predictor, system, others, targetAt, query)).filter(isChance)
      const suggested = suggestionFrom([station, ...alternatives])
      const about = aboutChances(aboutSystem(system, predictor, asOf), [station])
      const whole = { target_at: isoTime(targetAt), need: query.need }
      return sendAnswer(request as FastifyRequest, reply as FastifyReply, {
        about,
        madeOf: [knowledge.changes.all(), system.holder.current()?.loadedAt],
        maxAgeSeconds: freshSeconds(knowledge, asOf, about.now),
        formats: {
          [mediaTypes.json]: () =>
            JSON.stringify({
              system_id: params.system,
              ...presentHead(about),
              ...whole,
              station,
              suggestion: suggested,
              alternatives,
            }),
          ...tableFormats(
            () => chanceTable(params.system, whole, [station, ...alternatives], suggested),
            about,
          ),
        },
      })
    },
  )

  app.get(
    '/v1/systems/:system/availability',
    {
      schema: {
        tags,
        operationId: 'getPlaceAvailability',
        summary: 'At which stations near a place will there be a bike, or a dock?',
        params: SystemPath,
        querystring: AtPlace,
        response: answers('the chances', PlaceAvailability, flatFormats, 404, 422, 503),
      },
    },
    async (request, reply) => {
      const { params, query } = request
      const system = systemOf(params.system)
      const { knowledge } = system
      const targetAt = parseTime(query.at, 'at')
      const about = aboutSystem(system, predictor)
      checkReach(system, about.asOf, targetAt)
      const near = nearby(system, query, targetAt, query).slice(0, query.stations)
      const found = await chancesAt(predictor, system, near, targetAt, query)
      const noModel = found.find((each) => !isChance(each) && each.reason === 'no-model')
      if (noModel && !isChance(noModel)) throw problemOf(noModel)
      const stations = found.filter(isChance)
      const suggested = suggestionFrom(stations)
      const whole = { target_at: isoTime(targetAt), need: query.need }
      return sendAnswer(request as FastifyRequest, reply as FastifyReply, {
        about,
        madeOf: [knowledge.changes.all(), system.holder.current()?.loadedAt],
        maxAgeSeconds: freshSeconds(knowledge, about.asOf, about.now),
        formats: {
          [mediaTypes.json]: () =>
            JSON.stringify({
              system_id: params.system,
              ...presentHead(about),
              ...whole,
              suggestion: suggested,
              stations,
            }),
          ...tableFormats(() => chanceTable(params.system, whole, stations, suggested), about),
        },
      })
    },
  )
}

/** A forecast is for the future of what is known, and no further than models look. */
const checkReach = ({ holder }: SystemPredictor, asOf: number | null, targetAt: number): void => {
  if (asOf === null) return
  const reachHours = holder.current()?.bundle.manifest.maxHorizonHours ?? 168
  const reach = reachOf(asOf, reachHours)
  if (targetAt > asOf && targetAt <= reach) return
  throw new HttpProblem(
    422,
    `at must be later than ${isoTime(asOf)}, the newest report, and not later than ${isoTime(reach)}: models look ${reachHours} hours ahead.`,
    'horizon-out-of-range',
  )
}
