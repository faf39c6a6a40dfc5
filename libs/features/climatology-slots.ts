import type { Calendar } from './calendar.ts'
import { hourMs, slotMs, slotsInWeek } from './slots.ts'

export const climatologyWeeks = 4

/**
 * Writes the first slot of the local hour that a slot lies in, as it was 1 to 4 weeks before, into `into[0…3]`, and those of
 * the hour after it into `into[4…7]`. The clocks may have changed since: it is the hour that they showed that counts.
 */
export const writeClimatologySlots = (calendar: Calendar, slot: number, into: Int32Array): void => {
  const moment = slot * slotMs
  const offset = calendar.offsetAt(moment)
  const minuteOfHourMs = (moment + offset) % hourMs
  for (let ahead = 0; ahead <= 1; ahead++) {
    const first = moment - minuteOfHourMs + ahead * hourMs
    const firstSlot = Math.round(first / slotMs)
    const offsetThere = calendar.offsetAt(first)
    for (let week = 1; week <= climatologyWeeks; week++) {
      const before = first - week * slotsInWeek * slotMs
      const clockShift = Math.round((offsetThere - calendar.offsetAt(before)) / slotMs)
      into[ahead * climatologyWeeks + week - 1] = firstSlot - week * slotsInWeek + clockShift
    }
  }
}

export const climatologySlotCount = 2 * climatologyWeeks
