import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

/** What a data set is to be made of. Times are epoch milliseconds. */
export const DatasetRequest = Type.Object({
  systemId: Type.String(),
  timeZone: Type.String(),
  country: Type.Union([Type.String(), Type.Null()]),
  region: Type.Union([Type.String(), Type.Null()]),
  weatherLocations: Type.Optional(
    Type.Array(Type.Object({ locationId: Type.String(), latitude: Type.Number(), longitude: Type.Number() })),
  ),
  until: Type.Number({ description: 'nothing that became known later is used' }),
  historyDays: Type.Number({ exclusiveMinimum: 0, description: 'rows are made of so many days at most' }),
  maxRows: Type.Integer({ minimum: 1 }),
  seed: Type.Integer({ minimum: 0 }),
  trainShare: Type.Number({ description: 'the share of the rows, oldest first, that a model is fitted on' }),
  outFile: Type.String({ description: 'Arrow IPC stream' }),
})
export type DatasetRequest = Static<typeof DatasetRequest>

/** What a data set holds. */
export interface DatasetReport {
  rows: number
  stations: number
  observations: number
  /** The history that rows were made of. */
  days: number
  seconds: number
}

export const parseDatasetRequest = (content: unknown): DatasetRequest => {
  if (Value.Check(DatasetRequest, content)) return content
  const mistakes = [...Value.Errors(DatasetRequest, content)].map(
    (error) => `${error.instancePath} ${error.message}`,
  )
  throw new Error(`the data set's request is not as agreed: ${mistakes.join('; ')}`)
}
