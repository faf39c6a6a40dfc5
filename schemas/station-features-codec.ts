/*
 * The fast way in and out of `station-features`. Avro writes a record of floats as the floats in order, little-endian:
 * the bytes of a Float32Array. So only the head is encoded, and the vector is copied behind it; the bytes are those of
 * `avroType('station-features').toBuffer(…)`, some 779,000/s instead of 359,000/s at 110 features.
 */
import type avsc from 'avsc'
import { avroType, parseAvro } from './load-schema.ts'

export interface StationFeaturesHead {
  readonly systemId: string
  readonly stationId: string
  readonly asOf: number
  readonly polledAt: number
}

export interface StationFeaturesRecord extends StationFeaturesHead {
  /** In the order of the names of the reader. */
  readonly vector: Float32Array
}

export interface StationFeaturesReader {
  /** The features that the writer knew, in the order of the vector. */
  readonly names: readonly string[]
  /** Takes the bytes of one value, without the header of the wire format. Throws when they are not a whole record. */
  readonly read: (bytes: Uint8Array) => StationFeaturesRecord
}

const isLittleEndianHost = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1

/** A long takes at most 10 bytes, and so does the length of a string. */
const maxLongBytes = 10

/** The vector is in the order of the schema's features. Throws when it has another length. */
export const encodeStationFeatures = (head: StationFeaturesHead, vector: Float32Array): Buffer => {
  const names = ownFeatureNames()
  if (vector.length !== names.length)
    throw new Error(`A vector of ${vector.length} floats does not fit the schema's ${names.length} features.`)
  if (!isLittleEndianHost) return encodeByName(head, names, vector)
  const vectorBytes = vector.length * Float32Array.BYTES_PER_ELEMENT
  const room = 3 * (head.systemId.length + head.stationId.length) + 4 * maxLongBytes + vectorBytes
  const buffer = Buffer.allocUnsafe(room)
  let at = writeString(buffer, 0, head.systemId)
  at = writeString(buffer, at, head.stationId)
  at = writeLong(buffer, at, head.asOf)
  at = writeLong(buffer, at, head.polledAt)
  buffer.set(new Uint8Array(vector.buffer, vector.byteOffset, vectorBytes), at)
  return buffer.subarray(0, at + vectorBytes)
}

/** Reads what was written with any version of the schema: the vector has the features that the writer knew. */
export const stationFeaturesReader = (writerSchemaText: string): StationFeaturesReader => {
  const type = parseAvro(writerSchemaText)
  const names = featureNamesOf(type)
  const readByName = (bytes: Uint8Array): StationFeaturesRecord => {
    const value = type.fromBuffer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    const { systemId, stationId, asOf, polledAt, features } = value
    return { systemId, stationId, asOf, polledAt, vector: Float32Array.from(names, (name) => features[name]) }
  }
  return { names, read: isLittleEndianHost && hasPlainLayout(type) ? readPlain(names.length) : readByName }
}

const readPlain =
  (featureCount: number) =>
  (bytes: Uint8Array): StationFeaturesRecord => {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const cursor = { at: 0 }
    const systemId = readString(buffer, cursor)
    const stationId = readString(buffer, cursor)
    const asOf = readLong(buffer, cursor)
    const polledAt = readLong(buffer, cursor)
    const vector = new Float32Array(featureCount)
    if (buffer.length !== cursor.at + vector.byteLength)
      throw new Error(
        `A station-features record of ${featureCount} features should end at byte ${cursor.at + vector.byteLength}, not ${buffer.length}.`,
      )
    new Uint8Array(vector.buffer).set(buffer.subarray(cursor.at))
    return { systemId, stationId, asOf, polledAt, vector }
  }

let ownNames: readonly string[] | null = null
const ownFeatureNames = (): readonly string[] => {
  ownNames ??= featureNamesOf(avroType('station-features'))
  return ownNames
}

const fieldsOf = (type: avsc.Type): readonly avsc.types.RecordType['fields'][number][] =>
  'fields' in type ? (type as avsc.types.RecordType).fields : []

const featureNamesOf = (type: avsc.Type): readonly string[] => {
  const features = fieldsOf(type).find((field) => field.name === 'features')
  if (!features)
    throw new Error('A schema of station-features has a record called "features"; this one has none.')
  return fieldsOf(features.type).map((field) => field.name)
}

/** Whether the writer's record is the head and then nothing but floats, as all ours are up to now. */
const hasPlainLayout = (type: avsc.Type): boolean => {
  const [systemId, stationId, asOf, polledAt, features, ...others] = fieldsOf(type)
  return (
    systemId?.name === 'systemId' &&
    stationId?.name === 'stationId' &&
    asOf?.name === 'asOf' &&
    polledAt?.name === 'polledAt' &&
    features?.name === 'features' &&
    others.length === 0 &&
    [systemId, stationId].every((field) => field.type.typeName === 'string') &&
    [asOf, polledAt].every((field) => field.type.typeName === 'long') &&
    fieldsOf(features.type).every((field) => field.type.typeName === 'float')
  )
}

const encodeByName = (
  { systemId, stationId, asOf, polledAt }: StationFeaturesHead,
  names: readonly string[],
  vector: Float32Array,
): Buffer => {
  const features = Object.fromEntries(names.map((name, index) => [name, vector[index]]))
  return avroType('station-features').toBuffer({ systemId, stationId, asOf, polledAt, features })
}

const writeString = (buffer: Buffer, at: number, text: string): number => {
  const length = Buffer.byteLength(text)
  const start = writeLong(buffer, at, length)
  return start + buffer.write(text, start)
}

const readString = (buffer: Buffer, cursor: { at: number }): string => {
  const length = readLong(buffer, cursor)
  const start = cursor.at
  cursor.at += length
  return buffer.toString('utf8', start, cursor.at)
}

/**
 * Avro's long: zigzag, so the lowest bit is the sign, then 7 bits a byte. By arithmetic, since the operators on bits end
 * at 32, and with the sign taken off first, so that every safe integer is exact.
 */
const writeLong = (buffer: Buffer, at: number, value: number): number => {
  const magnitude = value >= 0 ? value : -value - 1
  let bits = (magnitude % 64) * 2 + (value >= 0 ? 0 : 1)
  let rest = Math.floor(magnitude / 64)
  let end = at
  while (rest > 0) {
    buffer[end++] = bits + 128
    bits = rest % 128
    rest = Math.floor(rest / 128)
  }
  buffer[end++] = bits
  return end
}

const readLong = (buffer: Buffer, cursor: { at: number }): number => {
  let byte = buffer[cursor.at++] ?? endOfRecord(buffer)
  const isNegative = byte % 2 === 1
  let magnitude = (byte & 127) >> 1
  let unit = 64
  while (byte >= 128) {
    byte = buffer[cursor.at++] ?? endOfRecord(buffer)
    magnitude += (byte & 127) * unit
    unit *= 128
  }
  return isNegative ? -magnitude - 1 : magnitude
}

const endOfRecord = (buffer: Buffer): never => {
  throw new Error(`A station-features record ends in the middle of its head, after ${buffer.length} bytes.`)
}
