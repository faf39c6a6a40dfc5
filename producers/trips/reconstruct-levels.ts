export interface LevelInputs {
  /** Slots, both included. */
  first: number
  last: number
  capacity: number
  /** Arrivals less departures in a slot. */
  netAt: (slot: number) => number
  /** Bikes as last reported in a slot; null where nothing was. */
  reportedAt: (slot: number) => number | null
}

/**
 * The bikes at the end of each slot, from what was reported and the trips between: from each report forward to the next,
 * and from the first one back. Never below zero or above the capacity; trucks are not in trips, so that a level is the less
 * certain the further it is from a report. Null where there is no report at all.
 */
export const reconstructLevels = ({
  first,
  last,
  capacity,
  netAt,
  reportedAt,
}: LevelInputs): Int16Array | null => {
  let anchor = first
  while (anchor <= last && reportedAt(anchor) === null) anchor++
  if (anchor > last) return null
  const clipped = (bikes: number): number => Math.min(capacity, Math.max(0, bikes))
  const levels = new Int16Array(last - first + 1)
  let level = clipped(reportedAt(anchor)!)
  for (let slot = anchor; slot <= last; slot++) {
    level = clipped(reportedAt(slot) ?? level + netAt(slot))
    levels[slot - first] = level
  }
  for (let slot = anchor - 1; slot >= first; slot--)
    levels[slot - first] = clipped(levels[slot - first + 1]! - netAt(slot + 1))
  return levels
}
