import { type NoteOddity, shown } from './collect-oddities.ts'
import { isAbsent } from './specified-names.ts'

export interface FlagContext {
  field: string
  /** Of the document's version: 1.x writes 0 and 1. */
  major: 1 | 2 | 3
  /** What is assumed where it is missing or says neither. */
  absent: boolean
  note: NoteOddity
}

/** A boolean, written as such, as 0 or 1, or as text. */
export const readFlag = (value: unknown, { field, major, absent, note }: FlagContext): boolean => {
  if (typeof value === 'boolean') return value
  if (isAbsent(value)) return absent
  if (value === 0 || value === 1) {
    if (major > 1) note('boolean-as-number', `${field} is ${value}`)
    return value === 1
  }
  const text = typeof value === 'string' ? value.trim().normalize().toLowerCase() : ''
  if (TRUE.has(text) || FALSE.has(text)) {
    note('boolean-as-text', `${field} is ${shown(value)}`)
    return TRUE.has(text)
  }
  note('boolean-unreadable', `${field} is ${shown(value)}`)
  return absent
}

/** Also as operators say it in French, German, Dutch, Scandinavian, Spanish, Italian and Portuguese. */
const TRUE = new Set(['true', '1', 'yes', 'y', 't', 'oui', 'ja', 'si', 'sí', 'sì', 'sim'])
const FALSE = new Set(['false', '0', 'no', 'n', 'f', 'non', 'nein', 'nee', 'nej', 'nei', 'não'])
