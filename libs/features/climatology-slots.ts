import type { Calendar } from './calendar.ts'
import { hourMs, slotMs, slotsInWeek } from './slots.ts'

export const climatologyWeeks = 4

/**
 * Writes the first slot of the local hour that a slot lies in, as it was 1 to 4 weeks before, into `into`. The clocks may have
 * changed since: it is the hour that they showed that counts.
 */
export const writeClimatologySlots = (calendar: Calendar, slot: number, into: Int32Array): void => {
  const moment = slot * slotMs
  const first = moment - ((moment + calendar.offsetAt(moment)) % hourMs)
  const firstSlot = Math.round(first / slotMs)
  const offsetThere = calendar.offsetAt(first)
  for (let week = 1; week <= climatologyWeeks; week++) {
    const before = first - week * slotsInWeek * slotMs
    const clockShift = Math.round((offsetThere - calendar.offsetAt(before)) / slotMs)
    into[week - 1] = firstSlot - week * slotsInWeek + clockShift
  }
}
