/**
 * Lets kafkajs get past what compaction has taken away. The broker keeps the last batch of a producer even when none of its
 * records is left (its sequence numbers are in it); when a fetch brings nothing but such a batch, kafkajs 2.2.4 resolves no
 * offset and asks for the same one again. So a batch whose last records are gone ends with a control record at its last
 * offset: kafkajs hands those to nobody, and moves past them.
 */
import { createRequire } from 'node:module'

interface FetchedBatch {
  firstOffset: string
  lastOffsetDelta: number
  maxTimestamp: string
  records: { offset: string }[]
}

type DecodeBatch = (decoder: unknown) => Promise<FetchedBatch>

const DECODER = 'kafkajs/src/protocol/recordBatch/v0/decoder.js'
const patched = new WeakSet<DecodeBatch>()

/** Takes effect when it is called before the first fetch; once is enough. */
export const passCompactedOffsets = (): void => {
  const require = createRequire(import.meta.url)
  const decodeBatch = require(DECODER) as DecodeBatch
  const loaded = require.cache[require.resolve(DECODER)]
  if (!loaded || patched.has(decodeBatch)) return
  const decodeWithEnd: DecodeBatch = async (decoder) => {
    const batch = await decodeBatch(decoder)
    const { firstOffset, lastOffsetDelta, maxTimestamp, records } = batch
    const lastOffset = Number(firstOffset) + lastOffsetDelta
    if (Number(records.at(-1)?.offset ?? -1) >= lastOffset) return batch
    const end = {
      offset: String(lastOffset),
      timestamp: maxTimestamp,
      attributes: 0,
      key: null,
      value: null,
      headers: {},
      isControlRecord: true,
      batchContext: batch,
    }
    return { ...batch, records: [...records, end] }
  }
  patched.add(decodeWithEnd)
  loaded.exports = decodeWithEnd
}
