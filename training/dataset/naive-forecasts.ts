/*
 * What a model has to beat: what was seen at the target's hour of the week, from nothing but what was known at asOf. (The
 * other naive forecasts are among the features.) Slots are counted in UTC: in the weeks after clocks change, "the same
 * hour" is whole weeks ago, not the same reading of the clock.
 */

/** A value of one station in a slot, as known at asOf; NaN where nothing was observed. */
export type ValueIn = (slot: number) => number

const slotsAnHour = 4
export const slotsAWeek = 7 * 24 * slotsAnHour
export const climatologyWeeks = 4

/** The mean of what was seen in the target's hour of the week, in the four weeks before it. */
export const climatology = (valueIn: ValueIn, nowSlot: number, targetSlot: number): number => {
  const firstOfHour = targetSlot - (((targetSlot % slotsAnHour) + slotsAnHour) % slotsAnHour)
  let sum = 0
  let count = 0
  for (let week = 1; week <= climatologyWeeks; week++)
    for (let slot = firstOfHour - week * slotsAWeek, end = slot + slotsAnHour; slot < end; slot++) {
      const value = slot <= nowSlot ? valueIn(slot) : Number.NaN
      if (Number.isNaN(value)) continue
      sum += value
      count++
    }
  return count > 0 ? sum / count : Number.NaN
}
