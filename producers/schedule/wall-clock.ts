const MINUTE_MS = 60_000
/** Zones change their offset on a quarter of an hour (UTC), wherever they are. */
const BLOCK_MINUTES = 15

/**
 * What a clock in the zone shows, as minutes: `wallClock(zone)(epochMinutes)` are the epoch minutes at which a clock in
 * Greenwich shows the same. The offset is looked up once in a quarter of an hour, as Intl is slow.
 */
export const wallClock = (timeZone: string): ((epochMinutes: number) => number) => {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  })
  let block = Number.NaN
  let offset = 0
  return (epochMinutes) => {
    const blockOfMinute = Math.floor(epochMinutes / BLOCK_MINUTES)
    if (blockOfMinute !== block) {
      block = blockOfMinute
      offset = offsetMinutes(format, blockOfMinute * BLOCK_MINUTES)
    }
    return epochMinutes + offset
  }
}

const offsetMinutes = (format: Intl.DateTimeFormat, epochMinutes: number): number => {
  const parts: Record<string, number> = {}
  for (const { type, value } of format.formatToParts(epochMinutes * MINUTE_MS)) parts[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute) / MINUTE_MS - epochMinutes
}
