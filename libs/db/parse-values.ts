import pg from 'pg'

const INT8 = 20
const FLOAT4 = 700
const TIMESTAMPTZ = 1184
const FLOAT4_ARRAY = 1021
const INT8_ARRAY = 1016
const TIMESTAMPTZ_ARRAY = 1185
const DATE = 1082

type Parse = (text: string) => unknown

/** Throws a RangeError beyond 2^53, where a number would be silently another one. */
export const parseInt8 = (text: string): number => {
  const value = Number(text)
  if (Number.isSafeInteger(value)) return value
  throw new RangeError(`${text} is too large for a number: select it as text`)
}

/** The very bits that were stored: the text is only the shortest that names them among 32-bit floats. */
export const parseFloat4 = (text: string): number => Math.fround(Number(text))

/** Epoch milliseconds. The session's time zone is UTC, so the text ends in +00. Infinite times become infinite numbers. */
export const parseTimestamptz = (text: string): number => {
  if (text === 'infinity') return Number.POSITIVE_INFINITY
  if (text === '-infinity') return Number.NEGATIVE_INFINITY
  const value = text.endsWith('+00') ? Date.parse(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`) : Number.NaN
  if (Number.isNaN(value)) throw new RangeError(`${text} is not a time that can be read`)
  return value
}

/** One-dimensional arrays of values that need no quoting within {}; timestamps come quoted because of their space. */
const parseArray =
  (parse: Parse): Parse =>
  (text) =>
    text === '{}'
      ? []
      : text
          .slice(1, -1)
          .split(',')
          .map((item) => (item === 'NULL' ? null : parse(item.replaceAll('"', ''))))

const parsers: ReadonlyMap<number, Parse> = new Map<number, Parse>([
  [INT8, parseInt8 as Parse],
  [FLOAT4, parseFloat4],
  [TIMESTAMPTZ, parseTimestamptz],
  [FLOAT4_ARRAY, parseArray(parseFloat4)],
  [INT8_ARRAY, parseArray(parseInt8)],
  [TIMESTAMPTZ_ARRAY, parseArray(parseTimestamptz)],
  // A calendar day has no time zone: it stays 'YYYY-MM-DD'.
  [DATE, (text) => text],
])

/** For a pool's `types`: one pool's own parsers, because the driver's are shared by the whole process. */
export const valueTypes = {
  getTypeParser: (oid: number, format?: string): Parse => {
    const own = format === 'binary' ? undefined : parsers.get(oid)
    return own ?? (pg.types.getTypeParser(oid, (format ?? 'text') as 'text') as Parse)
  },
}
