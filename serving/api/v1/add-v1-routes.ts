import type { Predictor } from '../predictor.ts'
import { createSystemRecords, type SystemRecords } from '../system-records.ts'
import type { TypedApp } from '../typed-app.ts'
import { addAccuracy } from './accuracy.ts'
import { createAnswerCache } from './answer-cache.ts'
import { addAvailability } from './availability.ts'
import { addEvents, type EventOptions } from './events.ts'
import { addModel } from './model.ts'
import { addModelHistory } from './model-history.ts'
import { addProblemRoutes } from './problem-routes.ts'
import { addQuality } from './quality.ts'
import { addStationForecast } from './station-forecast.ts'
import { addStations } from './stations.ts'
import { addSystemForecast } from './system-forecast.ts'
import { addSystems } from './systems.ts'
import { createV1Context } from './v1-context.ts'

export interface V1Options {
  predictor: Predictor
  /** By the system's id; a system without any has nothing published about it. */
  records?: ReadonlyMap<string, SystemRecords>
  /** The most memory for kept answers, bytes. */
  answerCacheBytes?: number
  events?: EventOptions
}

const defaultCacheBytes = 48 * 1024 * 1024

export const addV1Routes = (
  app: TypedApp,
  { predictor, records, answerCacheBytes = defaultCacheBytes, events }: V1Options,
): void => {
  const none = createSystemRecords()
  const context = createV1Context({
    predictor,
    cache: createAnswerCache(answerCacheBytes),
    recordsOf: (systemId) => records?.get(systemId) ?? none,
  })
  addSystems(app, context)
  addStations(app, context)
  addStationForecast(app, context)
  addSystemForecast(app, context)
  addAvailability(app, context)
  addModel(app, context)
  addModelHistory(app, context)
  addAccuracy(app, context)
  addQuality(app, context)
  addEvents(app, context, events)
  addProblemRoutes(app)
}
