/** Which file of a folder is which document of a feed, when they were saved under names such as velib_station_status_2024-05-01.json. */

/** `gbfs` last: many have it in their names. */
const FEEDS = [
  'station_status',
  'station_information',
  'system_information',
  'vehicle_types',
  'gbfs_versions',
  'gbfs',
]
const PATTERNS = FEEDS.map((feed) => ({ feed, pattern: new RegExp(feed.replace('_', '[_-]?'), 'i') }))

interface SavedDocument {
  /** As the specification spells it. */
  feed: string
  /** The name's text before and after that of the feed. */
  before: string
  after: string
}

/** Null for what does not name a feed. */
export const savedDocument = (name: string): SavedDocument | null => {
  for (const { feed, pattern } of PATTERNS) {
    const found = pattern.exec(name)
    if (found)
      return { feed, before: name.slice(0, found.index), after: name.slice(found.index + found[0].length) }
  }
  return null
}

/** What a folder is entered by: the files to choose from, in the order of their names; none or one at best. Of copies of one document the last by name counts. */
export const entrancesIn = (names: readonly string[]): string[] => {
  for (const wanted of ['gbfs', 'station_status']) {
    const byPrefix = new Map<string, string>()
    for (const name of [...names].filter(isDocument).sort()) {
      const { feed, before = '' } = savedDocument(name) ?? {}
      // Without anything around it, it is what the specification calls it.
      if (feed === wanted && !isSpecified(byPrefix.get(before), wanted)) byPrefix.set(before, name)
    }
    const plain = byPrefix.get('')
    if (plain !== undefined) return [plain]
    if (byPrefix.size > 0) return [...byPrefix.values()].sort()
  }
  return []
}

/** The other files of a folder that hold what its entrance holds: of other feeds, or of other moments. */
export const besideEntrance = (names: readonly string[], entrance: string): string[] => {
  const feed = savedDocument(entrance)?.feed
  return names
    .filter((name) => name !== entrance && isDocument(name) && savedDocument(name)?.feed === feed)
    .toSorted()
}

/**
 * The document of a feed that was saved beside `start`: of files with the same beginning, the one that goes on most alike; null
 * where there is none.
 */
export const findBeside = (names: readonly string[], start: string, feed: string): string | null => {
  const { before = '', after = '' } = savedDocument(start) ?? {}
  const found = names
    .filter((name) => name !== start && isDocument(name))
    .flatMap((name) => {
      const document = savedDocument(name)
      return document?.feed === feed ? [{ name, ...document }] : []
    })
  const alike = found.filter((document) => document.before === before)
  const [best] = alike.toSorted((a, b) => sameStart(b.after, after) - sameStart(a.after, after))
  if (best) return best.name
  return before === '' && found.length === 1 ? found[0]!.name : null
}

const isDocument = (name: string): boolean => /^[^.]+$|\.json$|\.gz$/i.test(name)

const isSpecified = (name: string | undefined, feed: string): boolean =>
  name !== undefined && name.replace(/(\.json)?(\.gz)?$/, '') === feed

const sameStart = (one: string, other: string): number => {
  let length = 0
  while (length < one.length && one[length] === other[length]) length += 1
  return length
}
