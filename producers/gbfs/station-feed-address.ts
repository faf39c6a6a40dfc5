const STATION_FEED = /station_?(status|information)/gi

/**
 * The address of a station feed that is published beside the one given: named alike, or the same one, where an operator
 * publishes all of a station in one document.
 */
export const besideStationFeed = (
  address: string,
  wanted: 'station_status' | 'station_information',
): string =>
  address.replace(STATION_FEED, (name: string, kind: string) => {
    const other = wanted === 'station_status' ? 'status' : 'information'
    const isCapital = kind[0] === kind[0]?.toUpperCase()
    return name.slice(0, -kind.length) + (isCapital ? other[0]!.toUpperCase() + other.slice(1) : other)
  })

/** The address of system_information beside a station feed; null where the address does not tell. */
export const systemBesideStationFeed = (address: string): string | null => {
  const beside = address.replace(/station_(status|information)/gi, 'system_information')
  return beside === address ? null : beside
}
