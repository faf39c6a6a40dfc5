import type { LocalTime } from './calendar.ts'

const turn = (part: number, whole: number): number => (2 * Math.PI * part) / whole

// Tables, since a forecast of a week for a whole city asks a million times.
const sinOfMinute = Float64Array.from({ length: 1440 }, (_, minute) => Math.sin(turn(minute, 1440)))
const cosOfMinute = Float64Array.from({ length: 1440 }, (_, minute) => Math.cos(turn(minute, 1440)))
const sinOfWeekday = Float64Array.from({ length: 7 }, (_, day) => Math.sin(turn(day, 7)))
const cosOfWeekday = Float64Array.from({ length: 7 }, (_, day) => Math.cos(turn(day, 7)))

/** Positions on the circles of day and week, so that midnight is next to midnight and Sunday to Monday. */
export const sinOfDay = (local: LocalTime): number => sinOfMinute[local.minuteOfDay]!
export const cosOfDay = (local: LocalTime): number => cosOfMinute[local.minuteOfDay]!
export const sinOfWeek = (local: LocalTime): number => sinOfWeekday[local.weekday]!
export const cosOfWeek = (local: LocalTime): number => cosOfWeekday[local.weekday]!
