/** station_status, station-status, stationStatus. */
const STATION_FEED = /(station)([_-]?)(status|information)/gi
const IS_STATION_FEED = new RegExp(`^${STATION_FEED.source}$`, 'i')

/**
 * The address of a station feed that is published beside the one given: named alike, or the same one, where an operator
 * publishes all of a station in one document.
 */
export const besideStationFeed = (
  address: string,
  wanted: 'station_status' | 'station_information',
): string => renamed(address, ['station', wanted === 'station_status' ? 'status' : 'information'])

/** The address of system_information beside a station feed; null where the address does not tell. */
export const systemBesideStationFeed = (address: string): string | null => {
  const beside = renamed(address, ['system', 'information'])
  return beside === address ? null : beside
}

/** In the last part of the path and in the query; of the parts before, only in those that are called so: folders have names too. */
const renamed = (address: string, [first, second]: readonly [first: string, second: string]): string => {
  const [path = '', query = ''] = address.split(/(?=[?#])(.*)/s)
  const parts = path.split('/')
  const inPart = (part: string): string =>
    part.replace(
      STATION_FEED,
      (_, one: string, between: string, other: string) =>
        likeCase(first, one) + between + likeCase(second, other),
    )
  const isMeant = (part: string, index: number): boolean =>
    index === parts.length - 1 || IS_STATION_FEED.test(part)
  return parts.map((part, index) => (isMeant(part, index) ? inPart(part) : part)).join('/') + inPart(query)
}

const likeCase = (word: string, model: string): string =>
  model[0] === model[0]?.toUpperCase() ? word[0]!.toUpperCase() + word.slice(1) : word
