/** Will there be a bike, or a dock, at a moment, and if not, where near by? */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import type { ForecastOutcome } from '../answer-forecast.ts'
import { orNull, StationPath, SystemPath, time } from '../api-schemas.ts'
import { hourMs } from '../forecast-targets.ts'
import { HttpProblem } from '../http-problem.ts'
import { parseTime } from '../parse-time.ts'
import type { SystemPredictor } from '../predictor.ts'
import { isoTime, rounded } from '../present-forecast.ts'
import type { TypedApp } from '../typed-app.ts'
import { type AboutAnswer, aboutSystem, presentHead } from './answer-head.ts'
import { freshSeconds } from './freshness.ts'
import { nearestTo, type Place, type PlacedStation } from './nearest.ts'
import { problemOf } from './outcome-problem.ts'
import { answers, flatFormats, head, tags } from './schemas.ts'
import { mediaTypes, sendAnswer } from './send-answer.ts'
import { stationIdsOf, stationOf } from './station-directory.ts'
import { boolean, number, type Table, text, time as timeColumn } from './table.ts'
import { tableFormats } from './table-formats.ts'
import { checkStation, type V1Context } from './v1-context.ts'

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
const AtStation = Type.Object(question)
const { alternatives, ...anyPlace } = question
const AtPlace = Type.Object({
  ...anyPlace,
  latitude: Type.Number({ minimum: -90, maximum: 90, examples: [59.9], description: 'degrees north' }),
  longitude: Type.Number({ minimum: -180, maximum: 180, examples: [10.7], description: 'degrees east' }),
  stations: Type.Integer({ ...alternatives, minimum: 1 }),
})
type Question = Static<typeof AtStation>

const Chance = Type.Object({
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
type Chance = Static<typeof Chance>

const asked = { target_at: time('the moment that was asked about'), need }
const suggestion = orNull(
  Type.String({
    description: 'the nearest station where it is likely, else the likeliest; null where there is none',
  }),
)
const StationAvailability = Type.Object({
  system_id: Type.String(),
  ...head,
  ...asked,
  station: Chance,
  suggestion,
  alternatives: Type.Array(Chance, {
    description: 'the nearest others, the nearest first; empty where it is likely at the station itself',
  }),
})
const PlaceAvailability = Type.Object({
  system_id: Type.String(),
  ...head,
  ...asked,
  suggestion,
  stations: Type.Array(Chance, { description: 'the nearest first' }),
})

export const addAvailability = (app: TypedApp, { predictor, systemOf }: V1Context): void => {
  const chancesAt = async (
    system: SystemPredictor,
    stations: readonly PlacedStation[],
    targetAt: number,
    query: Pick<Question, 'need' | 'likely_from'>,
  ): Promise<(Chance | Extract<ForecastOutcome, { ok: false }>)[]> => {
    const outcomes = await predictor.forecastMany(
      system,
      stations.map(({ stationId }) => ({ stationId, targetsFrom: () => [targetAt] })),
    )
    return outcomes.map((outcome, index) => {
      if (!outcome.ok) return outcome
      const { asOf, values, reasons } = outcome.answer
      const isBike = query.need === 'bike'
      const probability = (isBike ? values.p_bike : values.p_dock)[0]!
      const expected = (isBike ? values.bikes_mean : values.docks_mean)[0]!
      const { stationId, name, latitude, longitude, distanceMetres } = stations[index]!
      return {
        station_id: stationId,
        name,
        latitude,
        longitude,
        distance_metres: distanceMetres,
        as_of: isoTime(asOf),
        probability: rounded(probability),
        expected: Number.isNaN(expected) ? null : rounded(expected),
        likely: probability >= query.likely_from,
        degraded: reasons.length > 0,
        reasons,
      }
    })
  }

  /** Those near by that have reported before the moment that is asked about. */
  const nearby = (
    { knowledge }: SystemPredictor,
    place: Place,
    targetAt: number,
    query: { within_metres: number },
    but?: string,
  ): PlacedStation[] => {
    const others = stationIdsOf(knowledge)
      .filter(
        (stationId) => stationId !== but && (knowledge.vectors.get(stationId)?.asOf ?? targetAt) < targetAt,
      )
      .map((stationId) => stationOf(knowledge, stationId))
    return nearestTo(place, others).filter(({ distanceMetres }) => distanceMetres <= query.within_metres)
  }

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
      const [station] = await chancesAt(system, [here], targetAt, query)
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
      const alternatives = (await chancesAt(system, others, targetAt, query)).filter(isChance)
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
          ...tableFormats(() => tableOf(params.system, whole, [station, ...alternatives], suggested), about),
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
      const found = await chancesAt(system, near, targetAt, query)
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
          ...tableFormats(() => tableOf(params.system, whole, stations, suggested), about),
        },
      })
    },
  )
}

const isChance = (each: Chance | ForecastOutcome): each is Chance => 'probability' in each

const suggestionFrom = (nearestFirst: readonly Chance[]): string | null => {
  const likely = nearestFirst.find((each) => each.likely)
  if (likely) return likely.station_id
  let best: Chance | null = null
  for (const each of nearestFirst)
    if (each.probability > (best?.probability ?? Number.NEGATIVE_INFINITY)) best = each
  return best?.station_id ?? null
}

const aboutChances = (about: AboutAnswer, chances: readonly Chance[]): AboutAnswer => ({
  ...about,
  reasons: [...new Set([...about.reasons, ...chances.flatMap(({ reasons }) => reasons)])],
})

/** A forecast is for the future of what is known, and no further than models look; an hour of grace, for reports are older. */
const checkReach = ({ holder }: SystemPredictor, asOf: number | null, targetAt: number): void => {
  if (asOf === null) return
  const reachHours = holder.current()?.bundle.manifest.maxHorizonHours ?? 168
  const reach = asOf + (reachHours + 1) * hourMs
  if (targetAt > asOf && targetAt <= reach) return
  throw new HttpProblem(
    422,
    `at must be later than ${isoTime(asOf)}, the newest report, and not later than ${isoTime(reach)}: models look ${reachHours} hours ahead.`,
    'horizon-out-of-range',
  )
}

const tableOf = (
  systemId: string,
  { target_at, need }: { target_at: string; need: string },
  chances: readonly Chance[],
  suggested: string | null,
): Table => ({
  columns: [
    text('system_id'),
    text('station_id'),
    text('name'),
    number('latitude'),
    number('longitude'),
    number('distance_metres'),
    timeColumn('as_of'),
    timeColumn('target_at'),
    text('need'),
    number('probability'),
    number('expected'),
    boolean('likely'),
    boolean('suggested'),
    boolean('degraded'),
    text('reasons'),
  ],
  rows: chances.map((each) => [
    systemId,
    each.station_id,
    each.name,
    each.latitude,
    each.longitude,
    each.distance_metres,
    Date.parse(each.as_of),
    Date.parse(target_at),
    need,
    each.probability,
    each.expected,
    each.likely,
    each.station_id === suggested,
    each.degraded,
    each.reasons.join(' '),
  ]),
})
