import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { passCompactedOffsets } from './pass-compacted-offsets.ts'
import { encodeRecordBatch } from './record-batch.ts'

passCompactedOffsets()
const require = createRequire(import.meta.url)
const Decoder = require('kafkajs/src/protocol/decoder')
const decodeMessages = require('kafkajs/src/protocol/requests/fetch/v4/decodeMessages')

const records = Array.from({ length: 3 }, (_, index) => ({
  key: `key-${index}`,
  value: Buffer.from('value'),
  timestamp: 1_700_000_000_000,
}))
const source = { producerId: 7n, producerEpoch: 0, firstSequence: 0 }
const HEADER_BYTES = 61

/** The batch as the cleaner leaves it when all its records have been superseded: its header, at the offsets it had. */
const emptied = (batch: Buffer, firstOffset: bigint): Buffer => {
  const header = Buffer.from(batch.subarray(0, HEADER_BYTES))
  header.writeBigInt64BE(firstOffset, 0)
  header.writeInt32BE(HEADER_BYTES - 12, 8)
  header.writeInt32BE(0, 57)
  return header
}

const fetched = async (bytes: Buffer): Promise<{ offset: string; isControlRecord: boolean }[]> => {
  const size = Buffer.alloc(4)
  size.writeInt32BE(bytes.length)
  return decodeMessages(new Decoder(Buffer.concat([size, bytes])))
}

test('a batch without records still says where it ends', async () => {
  const messages = await fetched(emptied(encodeRecordBatch(records, source), 40n))
  assert.deepEqual(
    messages.map(({ offset, isControlRecord }) => [offset, isControlRecord]),
    [['42', true]],
  )
})

test('a whole batch is as it was', async () => {
  const messages = await fetched(encodeRecordBatch(records, source))
  assert.deepEqual(
    messages.map(({ offset, isControlRecord }) => [offset, isControlRecord]),
    [
      ['0', false],
      ['1', false],
      ['2', false],
    ],
  )
})
