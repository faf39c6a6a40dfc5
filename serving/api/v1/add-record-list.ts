/** A route that lists what was published lately about a system, the newest first, from bounded memory. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Static, type TObject, type TSchema, Type } from 'typebox'
import { SystemPath } from '../api-schemas.ts'
import { isoTime } from '../present-forecast.ts'
import type { SystemRecords } from '../system-records.ts'
import type { TypedApp } from '../typed-app.ts'
import { aboutSystem, presentHead } from './answer-head.ts'
import { comparePageKeys, type PageKey, type PageQuery, pageOf } from './paging.ts'
import { answers, flatFormats, head, nextCursor, Page, tags } from './schemas.ts'
import { mediaTypes, sendAnswer } from './send-answer.ts'
import type { Cell, Column } from './table.ts'
import { tableFormats } from './table-formats.ts'
import type { V1Context } from './v1-context.ts'

/** Records come with polls and promotions; a minute's delay harms nobody. */
const maxAgeSeconds = 60

export interface RecordListOptions<Query extends TObject, T extends object> {
  /** The last part of the path, after the system. */
  path: string
  /** Of the list in the JSON. */
  name: string
  operationId: string
  summary: string
  /** Said where the list is empty. */
  emptyNote: string
  query: Query
  item: TSchema
  /** Those that the query is about. */
  find: (records: SystemRecords, query: Static<Query>) => readonly T[]
  /** Their order is the newest first; equal moments by id. */
  keyOf: (record: T) => { at: number; id: string }
  /** Moments are epoch milliseconds, as the columns say. */
  present: (record: T) => Record<string, Cell | Record<string, number>>
  columns: readonly Column[]
}

export const addRecordList = <Query extends TObject, T extends object>(
  app: TypedApp,
  { predictor, systemOf, recordsOf }: V1Context,
  options: RecordListOptions<Query, T>,
): void => {
  const { name, columns, emptyNote } = options
  const timeNames = new Set(columns.filter(({ kind }) => kind === 'time').map((column) => column.name))
  const pageKeyOf = (record: T): PageKey => {
    const { at, id } = options.keyOf(record)
    return { rank: -at, id }
  }
  const presentJson = (record: T) =>
    Object.fromEntries(
      Object.entries(options.present(record)).map(([field, value]) => [
        field,
        timeNames.has(field) && typeof value === 'number' ? isoTime(value) : value,
      ]),
    )

  app.get(
    `/v1/systems/:system/${options.path}`,
    {
      schema: {
        tags,
        operationId: options.operationId,
        summary: options.summary,
        params: SystemPath,
        querystring: Type.Object({ ...options.query.properties, ...Page }),
        response: answers(
          'the newest first',
          Type.Object({
            system_id: Type.String(),
            ...head,
            note: Type.Optional(Type.String({ description: emptyNote })),
            next_cursor: nextCursor,
            [name]: Type.Array(options.item),
          }),
          flatFormats,
          404,
          422,
        ),
      },
    },
    async (request, reply) => {
      const { system: systemId } = request.params as { system: string }
      const system = systemOf(systemId)
      const records = recordsOf(systemId)
      const query = request.query as Static<Query> & PageQuery
      const found = options.find(records, query)
      const sorted = found.toSorted((one, other) => comparePageKeys(pageKeyOf(one), pageKeyOf(other)))
      const { rows, nextCursor: next } = pageOf(sorted, pageKeyOf, query)
      const about = aboutSystem(system, predictor)
      return sendAnswer(request as FastifyRequest, reply as FastifyReply, {
        about,
        madeOf: [records.revision(), about.asOf],
        maxAgeSeconds,
        formats: {
          [mediaTypes.json]: () =>
            JSON.stringify({
              system_id: systemId,
              ...presentHead(about),
              ...(found.length === 0 && { note: emptyNote }),
              next_cursor: next,
              [name]: rows.map(presentJson),
            }),
          ...tableFormats(
            () => ({
              columns,
              rows: rows.map((record) => {
                const presented = options.present(record)
                return columns.map((column) => cellOf(presented[column.name]))
              }),
            }),
            about,
          ),
        },
      })
    },
  )
}

const cellOf = (value: Cell | Record<string, number> | undefined): Cell =>
  value === undefined ? null : typeof value === 'object' && value !== null ? JSON.stringify(value) : value
