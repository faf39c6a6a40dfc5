import type { StationStatus } from '@velocast/schemas'
import { generateStatus, type ReadingsOptions, seededRandom } from '@velocast/testkit'

const HOUR_MS = 3_600_000

/**
 * Observations as they come in the wild, in the order in which they became known: at any second around the quarter of an
 * hour, now and then not at all or for hours not, and some of them late, behind newer ones of their station.
 */
export const irregularCity = (options: ReadingsOptions): StationStatus[] => {
  const random = seededRandom(options.seed + 2)
  const awayUntil = new Map<string, number>()
  const statuses = [...generateStatus(options)].flatMap((status): StationStatus[] => {
    const { stationId } = status
    const [isAway, isMissed, isLate] = [random() < 0.002, random() < 0.03, random() < 0.02]
    const observedAt = status.observedAt + Math.floor((random() - 0.5) * 120_000)
    const delayMs = isLate ? 20 * 60_000 + Math.floor(random() * HOUR_MS) : Math.floor(random() * 5_000)
    if (isAway) awayUntil.set(stationId, observedAt + random() * 6 * HOUR_MS)
    if (isMissed || observedAt < (awayUntil.get(stationId) ?? 0)) return []
    return [{ ...status, observedAt, polledAt: observedAt + delayMs, reportedAt: observedAt - 30_000 }]
  })
  return statuses.sort(
    (a, b) => a.polledAt - b.polledAt || a.observedAt - b.observedAt || (a.stationId < b.stationId ? -1 : 1),
  )
}
