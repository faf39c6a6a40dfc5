/** A horizon that rows are made for, and how often compared with the others. */
export interface GridHorizon {
  /** Slots from the slot of asOf to the target's: targets are whole slots, like those that are served. */
  readonly slots: number
  /** 0 < weight ≤ 1. */
  readonly weight: number
}

const slotsAnHour = 4
const everySlotUpToHours = 6
const longestHours = 168

/**
 * Every slot up to 6 h, every hour from there to 168 h. The first hours are asked for most and change fastest from one
 * horizon to the next; days ahead, neighbouring horizons say almost the same.
 */
export const horizonGrid: readonly GridHorizon[] = [
  ...Array.from({ length: everySlotUpToHours * slotsAnHour }, (_, index) => index + 1),
  ...Array.from(
    { length: longestHours - everySlotUpToHours },
    (_, index) => (everySlotUpToHours + index + 1) * slotsAnHour,
  ),
].map((slots) => ({ slots, weight: Math.max(1, slots / slotsAnHour / 3) ** -0.75 }))

/**
 * Which part of its weight a horizon is expected to be chosen with, so that about `rows` rows come out of `slots`
 * observed station-slots over `spanSlots` slots of time: a target beyond the end of the data makes no row.
 */
export const rateFor = (rows: number, slots: number, spanSlots: number): number => {
  const weightAll = horizonGrid.reduce(
    (sum, horizon) => sum + horizon.weight * Math.max(0, 1 - horizon.slots / spanSlots),
    0,
  )
  return weightAll * slots > 0 ? rows / (weightAll * slots) : 0
}
