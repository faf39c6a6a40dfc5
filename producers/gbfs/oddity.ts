/** What a feed does differently from its specification and is understood all the same; counted, never fatal. */
export type Oddity =
  | 'boolean-as-number'
  | 'boolean-as-text'
  | 'unreadable-boolean'
  | 'number-as-text'
  | 'numeric-station-id'
  | 'time-as-text'
  | 'time-in-milliseconds'
  | 'duplicate-station'
  | 'last-updated-under-another-name'
  | 'last-updated-missing'
  | 'last-updated-in-the-future'
  | 'last-reported-implausible'
  | 'docks-missing'
  | 'more-ebikes-than-bikes'
  | 'name-missing'

export type OddityCounts = Partial<Record<Oddity, number>>

/** Notes that an oddity was met. */
export type NoteOddity = (oddity: Oddity) => void

export const countOddities = (): { counts: OddityCounts; note: NoteOddity } => {
  const counts: OddityCounts = {}
  return {
    counts,
    note: (oddity) => {
      counts[oddity] = (counts[oddity] ?? 0) + 1
    },
  }
}
