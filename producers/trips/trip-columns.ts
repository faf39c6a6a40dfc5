/** What operators call the columns of their trip files over the years; written without case and punctuation. */
const SYNONYMS = {
  rideId: ['rideid', 'tripid', '01rentaldetailsrentalid'],
  type: ['rideabletype'],
  startedAt: ['startedat', 'starttime', 'startdate', 'tripstarttime', '01rentaldetailslocalstarttime'],
  endedAt: ['endedat', 'stoptime', 'endtime', 'enddate', 'tripstoptime', '01rentaldetailslocalendtime'],
  durationSeconds: [
    'tripduration',
    'durationsec',
    'durationseconds',
    'tripdurationseconds',
    'duration',
    '01rentaldetailsdurationinsecondsuncapped',
  ],
  durationMs: ['durationms'],
  startId: [
    'startstationid',
    'startstationnumber',
    'startterminal',
    'startstationcode',
    'strtstatn',
    'fromstationid',
    '03rentalstartstationid',
  ],
  startName: ['startstationname', 'startstation', 'fromstationname', '03rentalstartstationname'],
  startLatitude: ['startlat', 'startstationlatitude', 'startlatitude'],
  startLongitude: ['startlng', 'startlon', 'startstationlongitude', 'startlongitude'],
  endId: [
    'endstationid',
    'endstationnumber',
    'endterminal',
    'endstationcode',
    'endstatn',
    'tostationid',
    '02rentalendstationid',
  ],
  endName: ['endstationname', 'endstation', 'tostationname', '02rentalendstationname'],
  endLatitude: ['endlat', 'endstationlatitude', 'endlatitude'],
  endLongitude: ['endlng', 'endlon', 'endstationlongitude', 'endlongitude'],
} as const

export type TripField = keyof typeof SYNONYMS

/** Index of each field's column; -1 where the file has none. */
export type TripColumns = Readonly<Record<TripField, number>>

/**
 * Finds the columns by the header's names: Citi Bike's two formats, Bluebikes', Divvy's three, Capital Bikeshare's and Bay
 * Wheels', and others that look like them. Throws an error that says which column is not there.
 */
export const findTripColumns = (header: readonly string[]): TripColumns => {
  const names = header.map((name) => name.toLowerCase().replace(/[^a-z0-9]/g, ''))
  const entries = Object.entries(SYNONYMS).map(([field, synonyms]) => {
    const name = synonyms.find((synonym) => names.includes(synonym))
    return [field, name === undefined ? -1 : names.indexOf(name)] as const
  })
  const columns = Object.fromEntries(entries) as Record<TripField, number>
  const missing = [
    ...(columns.startedAt === -1 ? ['started_at'] : []),
    ...(columns.endedAt === -1 ? ['ended_at'] : []),
    ...(columns.startId === -1 && columns.startName === -1 ? ['start_station_id'] : []),
    ...(columns.endId === -1 && columns.endName === -1 ? ['end_station_id'] : []),
  ]
  if (missing.length > 0)
    throw new Error(
      `the first line names no column ${missing.join(', ')}: it has ${header.slice(0, 20).join(', ')}`,
    )
  return columns
}
