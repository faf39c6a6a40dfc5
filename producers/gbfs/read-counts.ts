/** The counts of a station's status, under the names that they have in the versions of GBFS and beside them. */
import { type NoteOddity, shown } from './collect-oddities.ts'
import { readCount } from './read-count.ts'
import { isObject, type JsonObject } from './read-envelope.ts'
import { readId } from './read-station-id.ts'
import { Impossible } from './rejection.ts'
import { isAbsent } from './specified-names.ts'

/** `num_bikes_available` to 2.x, `num_vehicles_available` from 3.0; both where an operator serves both. */
export const readBikes = (entry: JsonObject, major: 1 | 2 | 3, note: NoteOddity): number | Impossible => {
  const bikes = readRenamed(entry, ['num_bikes_available', 'num_vehicles_available'], major, note)
  if (bikes !== null) {
    noteOtherSum(bikes, entry.vehicle_types_available, 'vehicle_types_available', note)
    return bikes
  }
  for (const [field, sum] of [
    ['vehicle_types_available', sumByType],
    ['num_bikes_available_types', sumByName],
  ] as const) {
    const summed = sum(entry[field], field, note)
    if (summed === null) continue
    if (typeof summed === 'number') note('count-summed', `${field} gives ${summed} vehicles`)
    return summed
  }
  return new Impossible('bikes-missing', `num_bikes_available is ${shown(entry.num_bikes_available)}`)
}

/** 0 where they are not counted, or cannot be as many: a station is worth having without them. */
export const readDisabledBikes = (entry: JsonObject, major: 1 | 2 | 3, note: NoteOddity): number =>
  orNone(readRenamed(entry, ['num_bikes_disabled', 'num_vehicles_disabled'], major, note), note)

export const readDisabledDocks = (entry: JsonObject, note: NoteOddity): number =>
  orNone(readCount(entry.num_docks_disabled, 'num_docks_disabled', note), note)

const orNone = (disabled: number | null | Impossible, note: NoteOddity): number => {
  if (!(disabled instanceof Impossible)) return disabled ?? 0
  note('disabled-implausible', disabled.detail)
  return 0
}

/** Null where a station has no docks to speak of, the operator does not publish them, or they cannot be as many. */
export const readDocks = (entry: JsonObject, note: NoteOddity): number | null => {
  const docks = readCount(entry.num_docks_available, 'num_docks_available', note)
  if (docks instanceof Impossible) note('docks-implausible', docks.detail)
  if (typeof docks === 'number') {
    noteOtherSum(docks, entry.vehicle_docks_available, 'vehicle_docks_available', note)
    return docks
  }
  const summed = sumByType(entry.vehicle_docks_available, 'vehicle_docks_available', note)
  if (typeof summed === 'number') {
    note('count-summed', `vehicle_docks_available gives ${summed} docks`)
    return summed
  }
  if (summed instanceof Impossible) note('docks-implausible', summed.detail)
  else if (docks === null) note('docks-missing', `num_docks_available is ${shown(entry.num_docks_available)}`)
  return null
}

export interface EbikesContext {
  bikes: number
  electricTypes: ReadonlySet<string> | null | undefined
  note: NoteOddity
}

/** Null where they are not counted, or cannot be as many. */
export const readEbikes = (
  entry: JsonObject,
  { bikes, electricTypes, note }: EbikesContext,
): number | null => {
  const ebikes = countEbikes(entry, electricTypes, note)
  if (ebikes === null) return null
  if (!(ebikes instanceof Impossible) && ebikes <= bikes) return ebikes
  note(
    'ebikes-implausible',
    ebikes instanceof Impossible ? ebikes.detail : `${ebikes} of ${bikes} are e-bikes`,
  )
  return null
}

const countEbikes = (
  entry: JsonObject,
  electricTypes: ReadonlySet<string> | null | undefined,
  note: NoteOddity,
): number | null | Impossible => {
  const counted = readCount(entry.num_ebikes_available, 'num_ebikes_available', note)
  if (counted !== null) return counted
  if (electricTypes && Array.isArray(entry.vehicle_types_available)) {
    const isElectric = ({ vehicle_type_id: id }: JsonObject) =>
      electricTypes.has(readId(id, 'vehicle_type_id', () => {}) ?? '')
    const types = entry.vehicle_types_available.filter(isObject)
    return sumCounts(types.filter(isElectric), 'count', note)
  }
  return countByName(entry.num_bikes_available_types, note)
}

const countByName = (types: unknown, note: NoteOddity): number | null | Impossible => {
  const named = namedTypes(types)
  for (const name of ['ebike', 'electric']) {
    const counted = named.filter((type) => name in type)
    if (counted.length > 0) return sumCounts(counted, name, note)
  }
  return null
}

/** In no version: a list of objects with one key each (Smovengo), or one object (BCycle). */
const namedTypes = (types: unknown): JsonObject[] => (Array.isArray(types) ? types : [types]).filter(isObject)

/** The sum over all types; null where there are none. */
const sumByName = (types: unknown, field: string, note: NoteOddity): number | null | Impossible => {
  const counts = namedTypes(types)
    .flatMap((type) => Object.values(type))
    .filter((count) => !isAbsent(count))
    .map((count) => ({ count }))
  return counts.length === 0 ? null : sumCounts(counts, 'count', note, field)
}

/** A count that 3.0 renamed; where both names are there, that of the document's version counts. */
const readRenamed = (
  entry: JsonObject,
  [before, since]: readonly [before: string, since: string],
  major: 1 | 2 | 3,
  note: NoteOddity,
): number | null | Impossible => {
  const [own, other] = major === 3 ? [since, before] : [before, since]
  const count = readCount(entry[own], own, note)
  const theirs = entry[other] === undefined ? null : readCount(entry[other], other, note)
  if (count === null && theirs !== null)
    note('counts-of-another-version', `${other} is ${shown(entry[other])}`)
  if (typeof count === 'number' && typeof theirs === 'number' && count !== theirs)
    note('counts-disagree', `${own} is ${count}, ${other} is ${theirs}`)
  return count ?? theirs
}

/** The sum over all types; null where there is no such list. */
const sumByType = (types: unknown, field: string, note: NoteOddity): number | null | Impossible => {
  if (!Array.isArray(types)) return null
  const counted = types.filter(isObject).filter(({ count }) => !isAbsent(count))
  return counted.length === 0 ? null : sumCounts(counted, 'count', note, field)
}

const noteOtherSum = (total: number | Impossible, types: unknown, field: string, note: NoteOddity): void => {
  const summed = sumByType(types, field, () => {})
  if (typeof total === 'number' && typeof summed === 'number' && summed !== total)
    note('types-disagree', `${field} adds up to ${summed}, the total is ${total}`)
}

const sumCounts = (
  entries: readonly JsonObject[],
  key: string,
  note: NoteOddity,
  field = 'a vehicle type',
): number | Impossible => {
  let sum = 0
  for (const entry of entries) {
    const count = readCount(entry[key], `${key} of ${field}`, note)
    if (count instanceof Impossible) return count
    sum += count ?? 0
  }
  return sum
}
