import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReceivedRecord } from '@velocast/kafka'
import { UnavailableError } from '@velocast/runtime'
import { topics } from '@velocast/schemas'
import fc from 'fast-check'
import { writeRecords } from './write-records.ts'

const recordsUpTo = (count: number): ReceivedRecord[] =>
  Array.from({ length: count }, (_, offset) => ({
    topic: topics.alerts,
    partition: 0,
    offset,
    key: `key ${offset}`,
    value: offset,
    eventAt: 0,
    headers: {},
    raw: { key: null, value: null, headers: {} },
  }))

/** A database that takes all or nothing, and refuses batches that hold one of these. */
const refusing = (bad: ReadonlySet<number>) => {
  const written: number[] = []
  const write = async (records: readonly ReceivedRecord[]): Promise<void> => {
    if (records.some((record) => bad.has(record.offset)))
      throw Object.assign(new Error('violates'), { code: '23514', constraint: 'count' })
    written.push(...records.map((record) => record.offset))
  }
  return { written, write }
}

test('whichever records are refused, all others are written, in the order of the log', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 40 }),
      fc.array(fc.integer({ min: 0, max: 40 })),
      async (count, bad) => {
        const { written, write } = refusing(new Set(bad))
        const rejections = await writeRecords(recordsUpTo(count), write)
        const offsets = recordsUpTo(count).map((record) => record.offset)
        assert.deepEqual(
          written,
          offsets.filter((offset) => !bad.includes(offset)),
        )
        assert.deepEqual(
          rejections.map((rejection) => rejection.record.offset),
          offsets.filter((offset) => bad.includes(offset)),
        )
      },
    ),
  )
})

test('a refusal names the rule', async () => {
  const [rejection] = await writeRecords(recordsUpTo(3), refusing(new Set([1])).write)
  assert.equal(rejection?.reason, 'invalid')
  assert.equal(rejection?.detail, "breaks the table's rule count")
})

test('trouble that is not about values is not blamed on a record', async () => {
  for (const error of [
    new UnavailableError('database', 'gone'),
    Object.assign(new Error('no such table'), { code: '42P01' }),
  ]) {
    let attempts = 0
    const write = async (): Promise<void> => {
      attempts++
      throw error
    }
    await assert.rejects(writeRecords(recordsUpTo(8), write), error)
    assert.equal(attempts, 1)
  }
})
