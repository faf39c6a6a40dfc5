import type { NoteOddity } from './collect-oddities.ts'
import { isObject, type JsonObject } from './read-envelope.ts'
import { rankOf } from './read-text.ts'

export interface ListedFeed {
  /** In the spelling of the specification: `station_status`. */
  name: string
  /** As it stands there. */
  url: string
}

/** The feeds that a gbfs.json lists, those in the language wanted first; and its languages, none from 3.0 on. */
export const listFeeds = (
  document: unknown,
  language: string | undefined,
  note: NoteOddity,
): { feeds: ListedFeed[]; languages: string[] } => {
  const root = isObject(document) ? document : {}
  const { data } = root
  const plain = plainList(root, note)
  if (plain !== null) {
    const feeds = readFeeds(plain)
    noteListedTwice(feeds, note)
    return { feeds, languages: [] }
  }
  const blocks = Object.entries(isObject(data) ? data : {})
    .map(([tag, block]) => ({ tag, feeds: readFeeds(isObject(block) ? block.feeds : block) }))
    .filter(({ feeds }) => feeds.length > 0)
    .toSorted((a, b) => rankOf(a.tag, language) - rankOf(b.tag, language))
  const [first, ...others] = blocks
  noteListedTwice(first?.feeds ?? [], note)
  const names = new Set(first?.feeds.map(({ name }) => name))
  for (const { tag, feeds } of others)
    for (const { name } of feeds) {
      if (names.has(name)) continue
      names.add(name)
      note('feed-in-another-language', `${name} is listed under ${tag}, not under ${first?.tag}`)
    }
  return { feeds: blocks.flatMap(({ feeds }) => feeds), languages: blocks.map(({ tag }) => tag) }
}

const noteListedTwice = (feeds: readonly ListedFeed[], note: NoteOddity): void => {
  const urls = new Map<string, string>()
  for (const { name, url } of feeds) {
    const first = urls.get(name)
    if (first === undefined) urls.set(name, url)
    else if (first !== url) note('feed-listed-twice', `${name} is at ${first} and at ${url}`)
  }
}

/** Feeds that are under no language; null where there are none. */
const plainList = (root: JsonObject, note: NoteOddity): unknown => {
  const { data } = root
  if (isObject(data) && readFeeds(data.feeds).length > 0) return data.feeds
  for (const [place, found] of [
    ['"data" itself', data],
    ['"feeds" beside "data"', root.feeds],
  ] as const) {
    if (!Array.isArray(found) || readFeeds(found).length === 0) continue
    note('feeds-elsewhere', `the feeds are in ${place}`)
    return found
  }
  return null
}

/** A list of names and addresses, or an object of addresses by name. */
const readFeeds = (feeds: unknown): ListedFeed[] => {
  const pairs: [unknown, unknown][] = Array.isArray(feeds)
    ? feeds.filter(isObject).map(({ name, url }) => [name, url])
    : isObject(feeds)
      ? Object.entries(feeds)
      : []
  return pairs.flatMap(([name, url]) =>
    typeof name === 'string' && typeof url === 'string' ? [{ name: specified(name), url }] : [],
  )
}

const specified = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/\.json$/, '')
