/**
 * Records as Kafka keeps them: one batch of format 2, uncompressed, written once into one buffer.
 * Source: https://kafka.apache.org/documentation/#messageformat
 */
import { crc32c } from './crc32c.ts'

export interface BatchRecord {
  key: Buffer | string | null
  value: Buffer | null
  /** Epoch milliseconds. */
  timestamp: number
  headers?: Record<string, string | Buffer>
}

/** Who writes the batch, and which of its records come first: the broker takes each number of a producer once. */
export interface BatchSource {
  producerId: bigint
  producerEpoch: number
  /** The number of the first record, among those of this producer in this partition. */
  firstSequence: number
}

const HEADER_BYTES = 61
/** What is before the length, and the length itself: they do not count in it. */
const UNCOUNTED_BYTES = 12
const CRC_AT = 17
const CRC_FROM = 21
const FORMAT = 2
const LONGEST_VARINT = 10

/** No record takes more than this. */
export const recordBytesAtMost = ({ key, value, headers }: BatchRecord): number => {
  let bytes = 1 + 5 * LONGEST_VARINT + sizeAtMost(key) + sizeAtMost(value)
  for (const name in headers)
    bytes += 2 * LONGEST_VARINT + sizeAtMost(name) + sizeAtMost(headers[name] as string | Buffer)
  return bytes
}

const sizeAtMost = (bytes: Buffer | string | null): number =>
  bytes === null ? 0 : typeof bytes === 'string' ? 3 * bytes.length : bytes.length

/** The batch's bytes. There is at least one record. */
export const encodeRecordBatch = (records: readonly BatchRecord[], source: BatchSource): Buffer => {
  let room = HEADER_BYTES
  for (const record of records) room += recordBytesAtMost(record)
  const batch = Buffer.allocUnsafe(room)
  const firstTimestamp = records[0]!.timestamp
  let newestTimestamp = firstTimestamp
  let at = HEADER_BYTES
  for (let index = 0; index < records.length; index++) {
    const record = records[index]!
    if (record.timestamp > newestTimestamp) newestTimestamp = record.timestamp
    at = writeRecord(batch, at, record, index, record.timestamp - firstTimestamp)
  }
  batch.writeBigInt64BE(0n, 0) // the broker gives the offset
  batch.writeInt32BE(at - UNCOUNTED_BYTES, 8)
  batch.writeInt32BE(-1, 12) // the leader's epoch, likewise
  batch.writeInt8(FORMAT, 16)
  batch.writeInt16BE(0, 21) // neither compressed, nor of a transaction
  batch.writeInt32BE(records.length - 1, 23)
  batch.writeBigInt64BE(BigInt(firstTimestamp), 27)
  batch.writeBigInt64BE(BigInt(newestTimestamp), 35)
  batch.writeBigInt64BE(source.producerId, 43)
  batch.writeInt16BE(source.producerEpoch, 51)
  batch.writeInt32BE(source.firstSequence, 53)
  batch.writeInt32BE(records.length, 57)
  batch.writeUInt32BE(crc32c(batch, CRC_FROM, at), CRC_AT)
  return batch.subarray(0, at)
}

/** A record's length comes first and is known last: a gap is left for it, and closed when it was too wide. */
const writeRecord = (
  batch: Buffer,
  start: number,
  record: BatchRecord,
  offsetDelta: number,
  timestampDelta: number,
): number => {
  const value = record.value
  const gap = value === null || value.length < 4_000 ? 2 : 5
  const bodyAt = start + gap
  let at = bodyAt
  batch[at++] = 0
  at = writeVarint(batch, at, timestampDelta)
  at = writeVarint(batch, at, offsetDelta)
  at = writeBytes(batch, at, record.key)
  at = writeBytes(batch, at, value)
  at = writeHeaders(batch, at, record.headers)
  const bodyBytes = at - bodyAt
  const lengthBytes = varintBytes(bodyBytes)
  if (lengthBytes !== gap) batch.copyWithin(start + lengthBytes, bodyAt, at)
  writeVarint(batch, start, bodyBytes)
  return start + lengthBytes + bodyBytes
}

const writeHeaders = (batch: Buffer, start: number, headers: BatchRecord['headers']): number => {
  if (!headers) {
    batch[start] = 0
    return start + 1
  }
  const entries = Object.entries(headers)
  let at = writeVarint(batch, start, entries.length)
  for (const [name, value] of entries) at = writeBytes(batch, writeBytes(batch, at, name), value)
  return at
}

const writeBytes = (batch: Buffer, start: number, bytes: Buffer | string | null): number => {
  if (bytes === null) return writeVarint(batch, start, -1)
  if (typeof bytes === 'string') return writeText(batch, start, bytes)
  const at = writeVarint(batch, start, bytes.length)
  batch.set(bytes, at)
  return at + bytes.length
}

/** Keys are short, and nearly always ASCII: those are written here, without a call out of the engine. */
const writeText = (batch: Buffer, start: number, text: string): number => {
  const at = writeVarint(batch, start, text.length)
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code > 127) return writeWideText(batch, start, text)
    batch[at + index] = code
  }
  return at + text.length
}

const writeWideText = (batch: Buffer, start: number, text: string): number => {
  const at = writeVarint(batch, start, Buffer.byteLength(text))
  return at + batch.write(text, at)
}

/** Zigzag, then 7 bits a byte. By arithmetic beyond 31 bits, where the operators on bits end. */
const writeVarint = (batch: Buffer, start: number, value: number): number => {
  let at = start
  let rest = value >= 0 ? value * 2 : -value * 2 - 1
  while (rest > 0x7fff_ffff) {
    batch[at++] = (rest % 128) + 128
    rest = Math.floor(rest / 128)
  }
  while (rest > 127) {
    batch[at++] = (rest & 127) | 128
    rest >>>= 7
  }
  batch[at++] = rest
  return at
}

/** How many bytes a length takes. */
const varintBytes = (length: number): number => {
  let bytes = 1
  for (let rest = length * 2; rest > 127; rest = Math.floor(rest / 128)) bytes++
  return bytes
}
