/** What the newest report says of a station. */
import { Type } from 'typebox'
import { orNull, time } from '../api-schemas.ts'
import type { Knowledge } from '../knowledge.ts'
import { isoTime } from '../present-forecast.ts'
import { dataAgeSeconds } from './answer-head.ts'
import { reportedNumber } from './station-directory.ts'
import { boolean, type Cell, number, time as timeColumn } from './table.ts'

const count = (description: string) => orNull(Type.Integer({ description }))

export const stateFields = {
  bikes: count('bikes that could be rented at as_of'),
  ebikes: count('of these, electric; null where not published'),
  docks: count('docks that could take a bike; null where not published'),
  bikes_disabled: count('bikes that are broken'),
  docks_disabled: count('docks that are broken'),
  is_installed: Type.Union([Type.Boolean(), Type.Null()]),
  is_renting: Type.Union([Type.Boolean(), Type.Null()]),
  is_returning: Type.Union([Type.Boolean(), Type.Null()]),
  as_of: orNull(time('of the newest report; null before the first')),
  data_age_seconds: orNull(Type.Integer({ description: 'seconds since as_of' })),
}

export const presentState = (knowledge: Knowledge, stationId: string, now: number) => {
  const asOf = knowledge.vectors.get(stationId)?.asOf ?? null
  const numberOf = (name: string) => reportedNumber(knowledge, stationId, name)
  const truthOf = (name: string) => {
    const value = numberOf(name)
    return value === null ? null : value > 0
  }
  return {
    bikes: numberOf('bikes'),
    ebikes: numberOf('ebikes'),
    docks: numberOf('docks'),
    bikes_disabled: numberOf('bikes_disabled'),
    docks_disabled: numberOf('docks_disabled'),
    is_installed: truthOf('is_installed'),
    is_renting: truthOf('is_renting'),
    is_returning: truthOf('is_returning'),
    as_of: asOf === null ? null : isoTime(asOf),
    data_age_seconds: dataAgeSeconds({ asOf, now }),
  }
}

export const stateColumns = [
  number('bikes'),
  number('ebikes'),
  number('docks'),
  number('bikes_disabled'),
  number('docks_disabled'),
  boolean('is_installed'),
  boolean('is_renting'),
  boolean('is_returning'),
  timeColumn('as_of'),
  number('data_age_seconds'),
]

export const stateCells = (knowledge: Knowledge, stationId: string, now: number): Cell[] => {
  const { as_of, ...state } = presentState(knowledge, stationId, now)
  return stateColumns.map(({ name }) =>
    name === 'as_of' ? (as_of === null ? null : Date.parse(as_of)) : state[name as keyof typeof state],
  )
}
