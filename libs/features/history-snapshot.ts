import { appendReading } from './enter-observation.ts'
import { bikesAt, docksAt, ebikesAt, millisecondsBetween } from './readings.ts'
import {
  createStationHistory,
  newestField,
  newestFieldCount,
  type StationHistory,
} from './station-history.ts'

/**
 * The layout of a snapshot, little-endian throughout:
 *
 *   uint16 format | uint16 0 | uint32 n | float64 × 11: `newestField`s in order |
 *   n × (uint32 milliseconds before the newest reading, uint16 bikes, uint16 docks, uint16 e-bikes), oldest first;
 *   65535 is "not published".
 *
 * Only what cannot be worked out is in it: slots, totals and extremes are rebuilt from the readings, by the code that
 * built them the first time. 10 bytes a reading.
 */
export const historyFormat = 1

const headerBytes = 8 + 8 * newestFieldCount
const readingBytes = 10

export const encodeHistory = ({ readings, newest }: StationHistory): Uint8Array => {
  const count = readings.end - readings.start
  const bytes = new Uint8Array(headerBytes + count * readingBytes)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, historyFormat, true)
  view.setUint32(4, count, true)
  for (let field = 0; field < newestFieldCount; field++) view.setFloat64(8 + 8 * field, newest[field]!, true)
  const newestTime = readings.times[readings.end - 1] ?? 0
  let at = headerBytes
  for (let position = readings.start; position < readings.end; position++, at += readingBytes) {
    view.setUint32(at, millisecondsBetween(readings.times[position]!, newestTime), true)
    view.setUint16(at + 4, bikesAt(readings, position), true)
    view.setUint16(at + 6, docksAt(readings, position), true)
    view.setUint16(at + 8, ebikesAt(readings, position), true)
  }
  return bytes
}

/** Throws on another format, or on bytes that are cut short. */
export const decodeHistory = (bytes: Uint8Array): StationHistory => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const format = bytes.byteLength >= headerBytes ? view.getUint16(0, true) : Number.NaN
  if (format !== historyFormat)
    throw new Error(
      `A history in format ${format} cannot be read, only format ${historyFormat}: rebuild it from the log instead.`,
    )
  const count = view.getUint32(4, true)
  if (bytes.byteLength !== headerBytes + count * readingBytes)
    throw new Error(`A history of ${count} readings is not ${bytes.byteLength} bytes long: it is damaged.`)
  const history = createStationHistory()
  for (let field = 0; field < newestFieldCount; field++)
    history.newest[field] = view.getFloat64(8 + 8 * field, true)
  const newestAt = history.newest[newestField.observedAt]!
  for (let at = headerBytes; at < bytes.byteLength; at += readingBytes)
    appendReading(
      history,
      newestAt - view.getUint32(at, true),
      view.getUint16(at + 4, true),
      view.getUint16(at + 6, true),
      view.getUint16(at + 8, true),
    )
  return history
}
