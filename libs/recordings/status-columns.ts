/** What recorders of GBFS call the columns of their CSV, by the GBFS field; written without case and punctuation. */
const SYNONYMS: Record<string, readonly string[]> = {
  station_id: ['stationid', 'station', 'id'],
  num_bikes_available: [
    'numbikesavailable',
    'numvehiclesavailable',
    'bikesavailable',
    'availablebikes',
    'freebikes',
    'nbbikes',
    'bikes',
  ],
  num_ebikes_available: ['numebikesavailable', 'ebikesavailable', 'availableebikes', 'ebikes', 'ebike'],
  num_docks_available: [
    'numdocksavailable',
    'docksavailable',
    'availabledocks',
    'availablebikestands',
    'emptyslots',
    'freedocks',
    'docks',
  ],
  num_bikes_disabled: ['numbikesdisabled', 'numvehiclesdisabled', 'bikesdisabled', 'disabledbikes'],
  num_docks_disabled: ['numdocksdisabled', 'docksdisabled', 'disableddocks'],
  is_installed: ['isinstalled', 'installed'],
  is_renting: ['isrenting', 'renting'],
  is_returning: ['isreturning', 'returning'],
  last_reported: ['lastreported', 'reportedat', 'lastreport', 'lastupdate'],
}

/** When the snapshot was taken; the first of these that is there. */
const MOMENTS = [
  'snapshotts',
  'snapshotat',
  'snapshottime',
  'polledat',
  'fetchedat',
  'fetchtime',
  'retrievedat',
  'collectedat',
  'recordedat',
  'scrapedat',
  'observedat',
  'timestamp',
  'ts',
  'datetime',
  'time',
  'lastupdated',
]

const NEEDED = ['station_id', 'num_bikes_available'] as const

export interface StatusColumns {
  /** Index of the column that holds the snapshot's moment. */
  moment: number
  /** GBFS field and index of its column. */
  fields: readonly { field: string; index: number }[]
}

/** Finds the columns by the header's names. Throws an error that says which one is not there. */
export const findStatusColumns = (header: readonly string[]): StatusColumns => {
  const names = header.map((name) => name.toLowerCase().replace(/[^a-z0-9]/g, ''))
  const indexOf = (synonyms: readonly string[]): number => {
    const name = synonyms.find((synonym) => names.includes(synonym))
    return name === undefined ? -1 : names.indexOf(name)
  }
  const moment = indexOf(MOMENTS)
  const fields = Object.entries(SYNONYMS)
    .map(([field, synonyms]) => ({ field, index: indexOf(synonyms) }))
    .filter(({ index }) => index !== -1)
  const missing = NEEDED.filter((needed) => !fields.some(({ field }) => field === needed))
  if (moment === -1 || missing.length > 0)
    throw new Error(
      `the first line names no column ${[...(moment === -1 ? ['snapshot_ts'] : []), ...missing].join(', ')}: ` +
        `it has ${header.slice(0, 20).join(', ')}`,
    )
  return { moment, fields }
}
