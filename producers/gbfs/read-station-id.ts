import type { NoteOddity } from './oddity.ts'

/** A station's or vehicle type's id as text; null where there is none. */
export const readStationId = (value: unknown, note: NoteOddity): string | null => {
  if (typeof value === 'string') return value.trim() || null
  if (typeof value !== 'number' || !Number.isFinite(value)) return null
  note('numeric-station-id')
  return String(value)
}
