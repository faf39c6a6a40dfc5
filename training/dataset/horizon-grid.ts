/** A horizon that rows are made for, and how often compared with the others. */
export interface GridHorizon {
  /** Slots from the slot of asOf to the target's: targets are whole slots, like those that are served. */
  readonly slots: number
  /** 0 < weight ≤ 1. */
  readonly weight: number
}

const slotsAnHour = 4

/**
 * Ranges of horizons: up to which hours each reaches, how far apart its horizons are, and how many of the rows it gets. Models have
 * bands of their own. Every slot up to 6 h, every hour from there to 168 h: days ahead, neighbouring horizons say almost the same.
 */
const ranges = [
  { upToHours: 1, stepSlots: 1, share: 0.2 },
  { upToHours: 6, stepSlots: 1, share: 0.25 },
  { upToHours: 24, stepSlots: slotsAnHour, share: 0.25 },
  { upToHours: 168, stepSlots: slotsAnHour, share: 0.3 },
] as const

const horizonsOf = (
  { upToHours, stepSlots, share }: (typeof ranges)[number],
  fromHours: number,
): GridHorizon[] => {
  const count = ((upToHours - fromHours) * slotsAnHour) / stepSlots
  const first = fromHours * slotsAnHour
  // The first quarter of an hour weighs 1.
  const weight = (share / count) * (slotsAnHour / ranges[0].share)
  return Array.from({ length: count }, (_, index) => ({ slots: first + (index + 1) * stepSlots, weight }))
}

/** The horizons of training rows, ascending. */
export const horizonGrid: readonly GridHorizon[] = ranges.flatMap((range, index) =>
  horizonsOf(range, ranges[index - 1]?.upToHours ?? 0),
)

/**
 * Which part of its weight a horizon is expected to be chosen with, so that about `rows` rows come out of `slots`
 * observed station-slots over `spanSlots` slots of time: a target beyond the end of the data makes no row.
 */
export const rateFor = (
  horizons: readonly GridHorizon[],
  rows: number,
  slots: number,
  spanSlots: number,
): number => {
  const weightAll = horizons.reduce(
    (sum, horizon) => sum + horizon.weight * Math.max(0, 1 - horizon.slots / spanSlots),
    0,
  )
  return weightAll * slots > 0 ? rows / (weightAll * slots) : 0
}
