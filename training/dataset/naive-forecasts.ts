/*
 * The forecasts that a model has to beat, each from nothing but what was known at asOf. Slots are counted in UTC: on the
 * two days a year on which clocks change, "the same time yesterday" is 24 hours ago, not the same reading of the clock.
 */

/** Bikes in a slot of one station, as known at asOf; NaN where nothing was observed. */
export type BikesIn = (slot: number) => number

const slotsAnHour = 4
export const slotsADay = 24 * slotsAnHour
export const slotsAWeek = 7 * slotsADay
const daysBack = 7
export const climatologyWeeks = 4

/** The newest known value at the target's own time of day, at most a week before the newest such moment. */
export const sameTimeYesterday = (bikesIn: BikesIn, nowSlot: number, targetSlot: number): number => {
  const newest = newestBack(nowSlot, targetSlot, slotsADay)
  for (let day = 0; day < daysBack; day++) {
    const bikes = bikesIn(newest - day * slotsADay)
    if (!Number.isNaN(bikes)) return bikes
  }
  return Number.NaN
}

/** The value of a week before the target. */
export const sameTimeLastWeek = (bikesIn: BikesIn, nowSlot: number, targetSlot: number): number =>
  bikesIn(newestBack(nowSlot, targetSlot, slotsAWeek))

/** The mean of what was seen in the target's hour of the week, in the four weeks before it. */
export const climatology = (bikesIn: BikesIn, nowSlot: number, targetSlot: number): number => {
  const firstOfHour = targetSlot - (((targetSlot % slotsAnHour) + slotsAnHour) % slotsAnHour)
  let sum = 0
  let count = 0
  for (let week = 1; week <= climatologyWeeks; week++)
    for (let slot = firstOfHour - week * slotsAWeek, end = slot + slotsAnHour; slot < end; slot++) {
      const bikes = slot <= nowSlot ? bikesIn(slot) : Number.NaN
      if (Number.isNaN(bikes)) continue
      sum += bikes
      count++
    }
  return count > 0 ? sum / count : Number.NaN
}

/** The newest slot that lies whole periods before the target and not after asOf. */
const newestBack = (nowSlot: number, targetSlot: number, period: number): number =>
  targetSlot - Math.max(1, Math.ceil((targetSlot - nowSlot) / period)) * period
