import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { crc32c } from './crc32c.ts'
import { type BatchRecord, encodeRecordBatch, recordBytesAtMost } from './record-batch.ts'

// The consumer's own decoder, which shares no code with ours and checks the layout field by field.
const require = createRequire(import.meta.url)
const Decoder = require('kafkajs/src/protocol/decoder')
const decodeBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder')
const slowCrc32c = require('kafkajs/src/protocol/recordBatch/crc32C')

const source = { producerId: 123_456_789_012n, producerEpoch: 7, firstSequence: 42 }

const decode = async (bytes: Buffer) => {
  const batch = await decodeBatch(new Decoder(bytes))
  return {
    ...batch,
    // biome-ignore lint/suspicious/noExplicitAny: what another library's untyped decoder returns.
    records: batch.records.map((record: any, index: number) => ({
      key: record.key?.toString() ?? null,
      value: record.value?.toString() ?? null,
      timestamp: Number(record.timestamp),
      offset: Number(record.offset) - index,
      headers: Object.fromEntries(
        Object.entries(record.headers).map(([name, value]) => [name, String(value)]),
      ),
    })),
  }
}

const shown = ({ key, value, timestamp, headers }: BatchRecord) => ({
  key: key?.toString() ?? null,
  value: value?.toString() ?? null,
  timestamp,
  offset: 0,
  headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, bytes]) => [name, String(bytes)])),
})

const text = fc.string({ unit: 'grapheme', maxLength: 40 })
const record: fc.Arbitrary<BatchRecord> = fc.record(
  {
    key: fc.oneof(
      text,
      fc.constant(null),
      text.map((key) => Buffer.from(key)),
    ),
    value: fc.oneof(
      fc.constant(null),
      fc.constantFrom(0, 1, 54, 60, 8_180, 8_192, 70_000).map((size) => Buffer.alloc(size, 'v')),
      text.map((value) => Buffer.from(value)),
    ),
    timestamp: fc.integer({ min: 0, max: 4e12 }),
    // The other decoder takes names that objects have by themselves for values.
    headers: fc.dictionary(
      text.map((name) => `x-${name}`),
      text,
      { maxKeys: 3 },
    ),
  },
  { requiredKeys: ['key', 'value', 'timestamp'] },
)

describe('a batch of records', () => {
  it('is read by another decoder as it was written', () =>
    fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 30 }), async (records) => {
        const bytes = encodeRecordBatch(records, source)
        const batch = await decode(bytes)
        assert.deepEqual(batch.records, records.map(shown))
        assert.equal(batch.producerId, String(source.producerId))
        assert.equal(batch.producerEpoch, source.producerEpoch)
        assert.equal(batch.firstSequence, source.firstSequence)
        assert.equal(batch.lastOffsetDelta, records.length - 1)
        assert.equal(Number(batch.maxTimestamp), Math.max(...records.map(({ timestamp }) => timestamp)))
        assert.equal(bytes.readInt32BE(8), bytes.length - 12)
        assert.equal(bytes.readUInt32BE(17), slowCrc32c(bytes.subarray(21)))
        assert.ok(bytes.length <= 61 + records.reduce((sum, each) => sum + recordBytesAtMost(each), 0))
      }),
      { numRuns: 200 },
    ))

  it('has the checksum of the standard', () => {
    // RFC 3720, B.4
    assert.equal(crc32c(Buffer.alloc(32), 0, 32), 0x8a9136aa)
    assert.equal(crc32c(Buffer.from('123456789'), 0, 9), 0xe3069283)
    assert.equal(crc32c(Buffer.from('xx123456789yy'), 2, 11), 0xe3069283)
  })
})
