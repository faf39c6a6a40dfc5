import { type NoteOddity, shown } from './collect-oddities.ts'
import type { JsonObject } from './read-envelope.ts'

/** Of stations, what is read under one name only. */
const FIELDS = [
  'num_bikes_available',
  'num_vehicles_available',
  'num_ebikes_available',
  'num_bikes_available_types',
  'num_bikes_disabled',
  'num_vehicles_disabled',
  'num_docks_available',
  'num_docks_disabled',
  'vehicle_types_available',
  'vehicle_docks_available',
  'is_installed',
  'is_renting',
  'is_returning',
  'last_reported',
  'name',
  'lat',
  'lon',
  'capacity',
  'is_virtual_station',
  'is_valet_station',
  'region_id',
] as const

const folded = (name: string): string => name.toLowerCase().replace(/[_\s-]/g, '')

/** By names without case and underscores: numBikesAvailable, numbikesavailable. The last two are of Paris's open data. */
const SPECIFIED = new Map<string, string>([
  ...FIELDS.map((field): [string, string] => [folded(field), field]),
  ['ebike', 'num_ebikes_available'],
  ['duedate', 'last_reported'],
])
const SAYS_STATION = new Set(['num_bikes_available', 'num_vehicles_available', 'num_docks_available', 'lat'])

/** The same few names come with every station of every poll; a document may also be made of names. */
const known = new Map<string, string | undefined>()
const MOST_KNOWN = 1_000

/** What the specification calls a field of this name; undefined where it has none like it. */
const specifiedName = (name: string): string | undefined => {
  if (known.has(name)) return known.get(name)
  if (known.size >= MOST_KNOWN) known.clear()
  const field = SPECIFIED.get(folded(name))
  known.set(name, field)
  return field
}

/** A station's entry with its fields under the names of the specification; what is under them already stays. */
export const underSpecifiedNames = (entry: JsonObject, note: NoteOddity): JsonObject => {
  let renamed: JsonObject | null = null
  for (const name of Object.keys(entry)) {
    const field = specifiedName(name)
    if (
      field === undefined ||
      field === name ||
      !isAbsent((renamed ?? entry)[field]) ||
      isAbsent(entry[name])
    )
      continue
    note('field-under-another-name', `${name} is ${shown(entry[name])}`)
    renamed = { ...(renamed ?? entry), [field]: entry[name] }
  }
  return renamed ?? entry
}

/** Whether an entry holds what only a station has. */
export const looksLikeStation = (entry: JsonObject): boolean =>
  'station_id' in entry || Object.keys(entry).some((name) => SAYS_STATION.has(specifiedName(name) ?? ''))

/** Blank text is no value. */
export const isAbsent = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
