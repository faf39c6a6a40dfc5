import { neighbourCount } from './families/surroundings.ts'
import type { NearestStations } from './nearest-stations.ts'
import { slotsInHour } from './slots.ts'
import type { LevelSums, SystemLevels } from './system-levels.ts'
import type { VectorInputs } from './vector-inputs.ts'

/**
 * Looks up what the vectors of a slot see of the other stations, in the slot before it. What all stations have in common
 * is looked up once, as long as nothing changes there.
 */
export const createSurroundings = (levels: SystemLevels, nearest: NearestStations) => {
  const found = new Int32Array(neighbourCount)
  let seen = 0
  const isActive = (station: number): boolean => levels.isActive(station, seen)

  return (station: number, slot: number, into: VectorInputs): void => {
    const { neighboursNow, neighboursHourAgo } = into
    clear(neighboursNow)
    clear(neighboursHourAgo)
    if (!levels.isVisible(slot)) {
      clear(into.systemNow)
      clear(into.systemHourAgo)
      return
    }
    seen = slot - 1
    levels.all(seen, into.systemNow)
    levels.all(seen - slotsInHour, into.systemHourAgo)
    const others = levels.activeStations(seen) - Number(levels.isActive(station, seen))
    const count = others > 0 ? nearest.find(station, neighbourCount, others, isActive, found) : 0
    for (let place = 0; place < count; place++) {
      levels.add(found[place]!, seen, neighboursNow)
      levels.add(found[place]!, seen - slotsInHour, neighboursHourAgo)
    }
  }
}

const clear = (sums: LevelSums): void => {
  sums.fresh = 0
  sums.empty = 0
  sums.withDocks = 0
  sums.full = 0
  sums.bikes = 0
  sums.capacity = 0
}
