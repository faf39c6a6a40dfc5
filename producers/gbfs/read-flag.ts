import type { NoteOddity } from './oddity.ts'

/** A boolean, written as such, as 0 or 1 (1.x), or as text; `absent` where it is missing or says neither. */
export const readFlag = (value: unknown, absent: boolean, note: NoteOddity): boolean => {
  if (typeof value === 'boolean') return value
  if (value === undefined || value === null) return absent
  if (value === 0 || value === 1) {
    note('boolean-as-number')
    return value === 1
  }
  const text = typeof value === 'string' ? value.trim().toLowerCase() : ''
  if (text === 'true' || text === '1' || text === 'false' || text === '0') {
    note('boolean-as-text')
    return text === 'true' || text === '1'
  }
  note('unreadable-boolean')
  return absent
}
