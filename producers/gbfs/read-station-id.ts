import { type NoteOddity, shown } from './collect-oddities.ts'
import { printable } from './printable.ts'
import type { JsonObject } from './read-envelope.ts'

/** Where `station_id` is missing: names of the field that are met. */
const OTHER_NAMES = ['id', 'stationId', 'stationCode', 'stationcode'] as const

/** A station's id as text; null where there is none. `listedAs` is its key, where stations are not a list. */
export const readStationId = (entry: JsonObject, note: NoteOddity, listedAs?: string): string | null => {
  const stationId = readId(entry.station_id, 'station_id', note)
  if (stationId !== null) return stationId
  const other = OTHER_NAMES.find((name) => readId(entry[name], name, ignored) !== null)
  if (other === undefined) return printable(listedAs ?? '').trim() || null
  note('station-id-under-another-name', `${other} is ${shown(entry[other])}`)
  return readId(entry[other], other, note)
}

/** An id as text; null where there is none. */
export const readId = (value: unknown, field: string, note: NoteOddity): string | null => {
  if (typeof value === 'string') {
    const text = value.trim()
    const id = printable(text).trim()
    if (id === '') return null
    if (text !== value) note('padded-station-id', `${field} is ${shown(value)}`)
    if (id !== text) note('control-characters', `${field} is ${shown(value)}`)
    return id
  }
  if (typeof value !== 'bigint' && (typeof value !== 'number' || !Number.isFinite(value))) return null
  note('numeric-station-id', `${field} is ${value}`)
  return String(value)
}

const ignored: NoteOddity = () => {}
