import type { SystemPredictor } from '../predictor.ts'
import { isoTime } from '../present-forecast.ts'
import type { EventLog } from './event-log.ts'

/**
 * Compares a system with how it was the last time, and publishes what is new: one event for all stations that have a new
 * report, and so a new forecast, and one for another model. What is there at the first call is not news.
 */
export const createChangeWatch = ({ knowledge, holder }: SystemPredictor, log: EventLog): (() => void) => {
  const { systemId } = knowledge.system
  const asOfByStation = new Map<string, number>()
  let changes = -1
  let model = holder.current()
  let isFirst = true

  const newReports = (): Set<string> => {
    const found = new Set<string>()
    if (knowledge.changes.all() === changes) return found
    changes = knowledge.changes.all()
    for (const { stationId, asOf } of knowledge.vectors.all()) {
      if (asOfByStation.get(stationId) === asOf) continue
      asOfByStation.set(stationId, asOf)
      found.add(stationId)
    }
    return found
  }

  return () => {
    const stationIds = newReports()
    const asOf = knowledge.vectors.newestAsOf()
    if (!isFirst && stationIds.size > 0 && asOf !== null)
      log.publish({
        name: 'forecasts',
        data: { system_id: systemId, as_of: isoTime(asOf), stations: stationIds.size },
        stationIds,
      })
    const current = holder.current()
    if (!isFirst && current && current !== model) {
      const { modelName, modelVersion, promotedAt } = current.promotion
      log.publish({
        name: 'model',
        data: {
          system_id: systemId,
          name: modelName,
          version: modelVersion,
          previous_version: model?.promotion.modelVersion ?? null,
          promoted_at: isoTime(promotedAt),
          loaded_at: isoTime(current.loadedAt),
        },
        stationIds: null,
      })
    }
    model = current
    isFirst = false
  }
}
