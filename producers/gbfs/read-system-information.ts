import { FeedError } from '../feed-error.ts'
import { type NoteOddity, shown } from './collect-oddities.ts'
import { isObject, type JsonObject } from './read-envelope.ts'
import { rankOf, readText } from './read-text.ts'
import { readVersion } from './read-version.ts'
import { isAbsent } from './specified-names.ts'

/** What `system_information` says of the operator; null where it says nothing that can be used. */
export interface SystemFacts {
  systemId: string | null
  name: string | null
  /** IANA name. */
  timeZone: string | null
  /** ISO 3166-1 alpha-2; few feeds have it. */
  country: string | null
  /** Of the data: an SPDX identifier or an address. */
  licence: string | null
}

export interface SystemContext {
  version?: string | null | undefined
  language?: string | undefined
  note: NoteOddity
}

/** Reads `system_information` of any GBFS version. Throws a FeedError when it is not such a document. */
export const readSystemInformation = (
  document: unknown,
  { version, language, note }: SystemContext,
): SystemFacts => {
  const data = isObject(document) ? findFacts(document, language, note) : null
  if (data === null) throw new FeedError('not-as-specified', 'the document has no object "data"')
  const declared = (document as JsonObject).version
  const { major } = readVersion(declared, { listed: version, looksLike: () => '1.0' }, note)
  return {
    systemId: plainText(data.system_id),
    name: readText(data.name, { field: 'name', major, language, note }),
    timeZone: readTimeZone(data.timezone, note),
    country: countryCode(plainText(data.country_code)),
    licence: plainText(data.license_id) ?? plainText(data.license_url),
  }
}

/** The object that holds the facts: `data`, or what stands in for it; null where there is none. */
const findFacts = (
  document: JsonObject,
  language: string | undefined,
  note: NoteOddity,
): JsonObject | null => {
  const { data } = document
  if (isObject(data) && holdsFacts(data)) return data
  const blocks = Object.entries(isObject(data) ? data : {}).toSorted(
    ([a], [b]) => rankOf(a, language) - rankOf(b, language),
  )
  const places: [place: string, found: unknown][] = [
    ...blocks.map(([tag, block]): [string, unknown] => [`"data.${tag}"`, block]),
    ['the list "data"', Array.isArray(data) ? data[0] : undefined],
    ['the document itself', document],
  ]
  for (const [place, found] of places) {
    if (!isObject(found) || !holdsFacts(found)) continue
    note('system-information-elsewhere', `${place} holds it`)
    return found
  }
  return isObject(data) ? data : null
}

const holdsFacts = ({ system_id: systemId, name, timezone }: JsonObject): boolean =>
  [systemId, name, timezone].some((value) => !isAbsent(value))

const plainText = (value: unknown): string | null =>
  typeof value === 'string' || typeof value === 'number' ? String(value).trim() || null : null

const countryCode = (text: string | null): string | null =>
  text !== null && /^[A-Za-z]{2}$/.test(text) ? text.toUpperCase() : null

const readTimeZone = (value: unknown, note: NoteOddity): string | null => {
  const timeZone = knownTimeZone(plainText(value))
  if (timeZone === null) note('time-zone-unknown', `timezone is ${shown(value)}`)
  return timeZone
}

const knownTimeZone = (name: string | null): string | null => {
  if (name === null) return null
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return name
  } catch {
    return null
  }
}
