/** Reads status rows from CSV bytes: numbers straight from the bytes, for there are millions of them. */
import { ABSENT, type RecordingBuilder } from './recording.ts'

/** Where a row's number goes: first the counts in the order of the recording, then the rest. */
const FIELDS: Record<string, number> = {
  num_bikes_available: 0,
  num_ebikes_available: 1,
  num_docks_available: 2,
  num_bikes_disabled: 3,
  num_docks_disabled: 4,
  is_installed: 5,
  is_renting: 6,
  is_returning: 7,
  last_reported: 8,
  snapshot_ts: 9,
}
const FIRST_FLAG = 5
const REPORTED = 8
const SNAPSHOT = 9
const IGNORED = -1
const STATION_ID = -2

const NEWLINE = 10
const RETURN = 13
const QUOTE = 34
const COMMA = 44
const MINUS = 45
const POINT = 46
const ZERO = 48
const NINE = 57

/**
 * Adds every row to the builder. The columns are found by the header's names; those that are not there are absent
 * (flags: true). Throws with the line's number where a row cannot be read.
 */
export const readStatusCsv = async (
  chunks: AsyncIterable<Uint8Array>,
  builder: RecordingBuilder,
): Promise<void> => {
  let carry: Buffer = Buffer.alloc(0)
  let roles: Int8Array | null = null
  let line = 0
  const values = new Float64Array(SNAPSHOT + 1)

  const readHeader = (text: string): Int8Array => {
    const names = text.split(',').map((name) => name.trim())
    for (const needed of ['snapshot_ts', 'station_id', 'num_bikes_available'])
      if (!names.includes(needed))
        throw new Error(`The first line names no column ${needed}; it has ${names.join(', ')}.`)
    return Int8Array.from(names, (name) => (name === 'station_id' ? STATION_ID : (FIELDS[name] ?? IGNORED)))
  }

  const readRow = (bytes: Buffer, from: number, until: number, columns: Int8Array): void => {
    values.fill(ABSENT)
    let stationId = ''
    let at = from
    for (let column = 0; column < columns.length; column++) {
      const start = at
      while (at < until && bytes[at] !== COMMA) at++
      const role = columns[column]!
      if (role === STATION_ID) stationId = bytes.toString('latin1', start, at)
      else if (role !== IGNORED) values[role] = numberIn(bytes, start, at)
      at++
    }
    if (stationId === '' || values[SNAPSHOT] === ABSENT || bytes[from] === QUOTE)
      throw new Error(`Line ${line} is no status row: ${bytes.toString('latin1', from, until)}`)
    let flags = 0
    for (let flag = FIRST_FLAG; flag < REPORTED; flag++)
      if (values[flag] !== 0) flags |= 1 << (flag - FIRST_FLAG)
    const reported = values[REPORTED]!
    builder.addRow(values[SNAPSHOT]! * 1000, {
      stationId,
      counts: values as unknown as readonly number[],
      flags,
      reportedSeconds: reported === ABSENT ? 0 : reported,
    })
  }

  const readLines = (bytes: Buffer, end: number): void => {
    let from = 0
    while (from < end) {
      const newline = bytes.indexOf(NEWLINE, from)
      const until = newline === -1 || newline > end ? end : newline
      line++
      const textEnd = until > from && bytes[until - 1] === RETURN ? until - 1 : until
      if (roles === null) roles = readHeader(bytes.toString('utf8', from, textEnd))
      else if (textEnd > from) readRow(bytes, from, textEnd, roles)
      from = until + 1
    }
  }

  for await (const chunk of chunks) {
    const bytes = Buffer.concat([carry, chunk])
    const end = bytes.lastIndexOf(NEWLINE)
    if (end !== -1) readLines(bytes, end)
    carry = bytes.subarray(end + 1)
  }
  readLines(carry, carry.length)
}

/** A decimal number, cut to a whole one; ABSENT where there is none; 1 and 0 for true and false. */
const numberIn = (bytes: Buffer, from: number, until: number): number => {
  if (from === until) return ABSENT
  const isNegative = bytes[from] === MINUS
  let value = 0
  for (let at = isNegative ? from + 1 : from; at < until; at++) {
    const byte = bytes[at]!
    if (byte >= ZERO && byte <= NINE) value = value * 10 + byte - ZERO
    else if (byte === POINT) break
    else return wordIn(bytes.toString('latin1', from, until))
  }
  return isNegative ? -value : value
}

const wordIn = (word: string): number => {
  const lower = word.trim().toLowerCase()
  return lower === 'true' || lower === 't' ? 1 : lower === 'false' || lower === 'f' ? 0 : ABSENT
}
