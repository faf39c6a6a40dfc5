import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { comparePageKeys, type PageKey, pageOf } from './paging.ts'

const keys = fc
  .uniqueArray(fc.record({ rank: fc.integer({ min: -3, max: 3 }), id: fc.string({ maxLength: 3 }) }), {
    selector: ({ rank, id }) => `${rank}/${id}`,
    maxLength: 30,
  })
  .map((rows) => rows.sort(comparePageKeys))
const itself = (key: PageKey): PageKey => key

test('the pages of any list, whatever their size, are the list', () => {
  fc.assert(
    fc.property(keys, fc.integer({ min: 1, max: 7 }), (rows, limit) => {
      const seen: PageKey[] = []
      let cursor: string | undefined
      do {
        const page = pageOf(rows, itself, { limit, ...(cursor !== undefined && { cursor }) })
        assert.ok(page.rows.length <= limit)
        seen.push(...page.rows)
        cursor = page.nextCursor ?? undefined
      } while (cursor !== undefined)
      assert.deepEqual(seen, rows)
    }),
  )
})

test('what comes or goes between two pages makes no other row appear twice or not at all', () => {
  fc.assert(
    fc.property(keys, keys, fc.nat(), fc.integer({ min: 1, max: 7 }), (rows, more, gone, limit) => {
      const first = pageOf(rows, itself, { limit })
      if (first.nextCursor === null) return
      const isThere = (list: readonly PageKey[], key: PageKey) =>
        list.some((each) => comparePageKeys(each, key) === 0)
      const removed = rows[gone % rows.length]!
      const later = [...rows, ...more.filter((key) => !isThere(rows, key))]
        .filter((key) => key !== removed)
        .sort(comparePageKeys)
      const rest = pageOf(later, itself, { limit: 1_000, cursor: first.nextCursor })
      const seen = [...first.rows, ...rest.rows]
      assert.equal(new Set(seen).size, seen.length, 'none twice')
      for (const row of rows) if (row !== removed) assert.ok(isThere(seen, row), 'none left out')
    }),
  )
})
