/** Wall-clock time of one IANA zone. Times are epoch milliseconds. */
export interface LocalTime {
  /** What the zone's clock is ahead of UTC at this moment, milliseconds. */
  offsetMs: (at: number) => number
  /** Monday 0 … Sunday 6. */
  dayOfWeek: (at: number) => number
  /** Hours since local midnight, with fractions: [0, 24). */
  hourOfDay: (at: number) => number
  /** Fraction of the year passed, [0, 1). */
  yearFraction: (at: number) => number
}

export const QUARTER_HOUR_MS = 900_000
const DAY_MS = 86_400_000
/** Offsets are kept by quarter hour (no zone changes its clock between them); ~170 days of them, then start anew. */
const OFFSETS_KEPT = 16_384

/** Throws a RangeError when the zone is not an IANA name. */
export const createLocalTime = (timeZone: string): LocalTime => {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset', year: 'numeric' })
  const offsets = new Map<number, number>()
  const offsetMs = (at: number): number => {
    const quarter = Math.floor(at / QUARTER_HOUR_MS)
    const known = offsets.get(quarter)
    if (known !== undefined) return known
    if (offsets.size >= OFFSETS_KEPT) offsets.clear()
    const offset = parseOffset(format.format(quarter * QUARTER_HOUR_MS))
    offsets.set(quarter, offset)
    return offset
  }
  const local = (at: number): number => at + offsetMs(at)
  return {
    offsetMs,
    // 1970-01-01 was a Thursday.
    dayOfWeek: (at) => (((Math.floor(local(at) / DAY_MS) + 3) % 7) + 7) % 7,
    hourOfDay: (at) => ((((local(at) % DAY_MS) + DAY_MS) % DAY_MS) / DAY_MS) * 24,
    yearFraction: (at) => {
      const year = new Date(local(at)).getUTCFullYear()
      const start = Date.UTC(year, 0, 1)
      return (local(at) - start) / (Date.UTC(year + 1, 0, 1) - start)
    },
  }
}

/** `2026, GMT+05:30` → 19,800,000; plain `GMT` is 0. */
const parseOffset = (formatted: string): number => {
  const found = /GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(formatted)
  if (!found?.[1]) return 0
  const seconds = Number(found[2]) * 3600 + Number(found[3]) * 60 + Number(found[4] ?? 0)
  return (found[1] === '-' ? -seconds : seconds) * 1000
}
