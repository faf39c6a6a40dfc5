import { readForecasts, readStatuses, readWeather, type Session } from '@velocast/db'
import type { DatasetSource } from './dataset-source.ts'
import { measureHistory } from './measure-history.ts'

/** A system's past in the tables; to be read within one transaction, so that all statements see the same. */
export const databaseSource = (session: Session, systemId: string): DatasetSource => ({
  measure: (range) => measureHistory(session, { systemId, ...range }),
  statuses: (range) => readStatuses(session, { systemId, ...range }),
  weather: (range) => readWeather(session, { systemId, ...range }),
  forecasts: (range) => readForecasts(session, { systemId, ...range }),
})
