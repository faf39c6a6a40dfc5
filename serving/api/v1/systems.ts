import { Type } from 'typebox'
import { orNull, SystemPath } from '../api-schemas.ts'
import type { SystemPredictor } from '../predictor.ts'
import type { TypedApp } from '../typed-app.ts'
import { type AboutAnswer, aboutSystem, presentHead } from './answer-head.ts'
import { freshSeconds } from './freshness.ts'
import { answers, flatFormats, head, tags } from './schemas.ts'
import { mediaTypes, sendAnswer } from './send-answer.ts'
import { stationIdsOf } from './station-directory.ts'
import { boolean, number, type Table, text, time } from './table.ts'
import { tableFormats } from './table-formats.ts'
import type { V1Context } from './v1-context.ts'

const System = Type.Object({
  system_id: Type.String(),
  name: orNull(Type.String()),
  time_zone: Type.String({ description: 'IANA name' }),
  stations: Type.Integer({ description: 'stations that can be forecast' }),
  stations_listed: Type.Integer({ description: 'those too that have not reported yet' }),
  ...head,
})
const Systems = Type.Object({ systems: Type.Array(System) })

export const addSystems = (app: TypedApp, { predictor, systemOf }: V1Context): void => {
  app.get(
    '/v1/systems',
    {
      schema: {
        tags,
        operationId: 'listSystems',
        summary: 'The systems that are followed',
        response: answers('every system, as the configuration orders them', Systems, flatFormats),
      },
    },
    (request, reply) => {
      const systems = [...predictor.systems.values()]
      const about = systems.map((system) => aboutSystem(system, predictor))
      const all: AboutAnswer = {
        asOf: about.reduce<number | null>((newest, { asOf }) => later(newest, asOf), null),
        model: null,
        reasons: [...new Set(about.flatMap(({ reasons }) => reasons))],
        now: predictor.clock.now(),
      }
      return sendAnswer(request, reply, {
        about: all,
        madeOf: systems.map(({ knowledge, holder }) => [
          knowledge.changes.all(),
          holder.current()?.loadedAt,
          holder.current()?.promotion.modelVersion,
        ]),
        maxAgeSeconds: Math.min(
          ...systems.map(({ knowledge }, index) =>
            freshSeconds(knowledge, about[index]!.asOf, about[index]!.now),
          ),
          60,
        ),
        formats: {
          [mediaTypes.json]: () =>
            JSON.stringify({ systems: systems.map((each, index) => presentSystem(each, about[index]!)) }),
          ...tableFormats(() => tableOf(systems, about), all),
        },
      })
    },
  )

  app.get(
    '/v1/systems/:system',
    {
      schema: {
        tags,
        operationId: 'getSystem',
        summary: 'A system',
        params: SystemPath,
        response: answers('the system', System, flatFormats, 404, 422),
      },
    },
    (request, reply) => {
      const system = systemOf(request.params.system)
      const about = aboutSystem(system, predictor)
      return sendAnswer(request, reply, {
        about,
        madeOf: [system.knowledge.changes.all()],
        maxAgeSeconds: freshSeconds(system.knowledge, about.asOf, about.now),
        formats: {
          [mediaTypes.json]: () => JSON.stringify(presentSystem(system, about)),
          ...tableFormats(() => tableOf([system], [about]), about),
        },
      })
    },
  )
}

const later = (one: number | null, other: number | null): number | null =>
  one === null ? other : Math.max(one, other ?? one)

const presentSystem = ({ knowledge }: SystemPredictor, about: AboutAnswer) => ({
  system_id: knowledge.system.systemId,
  name: knowledge.system.name ?? null,
  time_zone: knowledge.system.timeZone,
  stations: knowledge.vectors.size(),
  stations_listed: stationIdsOf(knowledge).length,
  ...presentHead(about),
})

const tableOf = (systems: readonly SystemPredictor[], about: readonly AboutAnswer[]): Table => ({
  columns: [
    text('system_id'),
    text('name'),
    text('time_zone'),
    number('stations'),
    number('stations_listed'),
    time('as_of'),
    number('data_age_seconds'),
    text('model_name'),
    text('model_version'),
    boolean('degraded'),
    text('reasons'),
  ],
  rows: systems.map((system, index) => {
    const { name, time_zone, stations, stations_listed, data_age_seconds, model, degraded } = presentSystem(
      system,
      about[index]!,
    )
    return [
      system.knowledge.system.systemId,
      name,
      time_zone,
      stations,
      stations_listed,
      about[index]!.asOf,
      data_age_seconds,
      model?.name ?? null,
      model?.version ?? null,
      degraded,
      about[index]!.reasons.join(' '),
    ]
  }),
})
