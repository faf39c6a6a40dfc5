import assert from 'node:assert/strict'
import { it } from 'node:test'
import { maxLatenessMs } from '@velocast/features'
import { latenessBucket } from './lateness-bucket.ts'

it('what still changes vectors is in a bucket with a bound, what is later is not', () => {
  const minutes = [0, 15, 15.01, 60, 300, 361, 24 * 60]
  assert.deepEqual(
    minutes.map((late) => latenessBucket(late * 60_000)),
    ['≤15m', '≤15m', '≤1h', '≤1h', '≤6h', '≤24h', '≤24h'],
  )
  assert.equal(latenessBucket(maxLatenessMs), '≤24h')
  assert.equal(latenessBucket(maxLatenessMs + 1), 'later')
})
