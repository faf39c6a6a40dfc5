import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseEncoding, chooseMediaType } from './negotiate.ts'

test('the media type is the one that is liked best, the first of equals', () => {
  const offered = ['application/json', 'text/csv'] as const
  const cases: [string | undefined, string | null][] = [
    [undefined, 'application/json'],
    ['*/*', 'application/json'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'application/json'],
    ['text/*', 'text/csv'],
    ['TEXT/CSV', 'text/csv'],
    ['application/json;q=0.2, text/csv;q=0.3', 'text/csv'],
    ['*/*;q=0.5, application/json;q=0', 'text/csv'],
    ['image/png', null],
    ['text/csv;q=nonsense', null],
  ]
  for (const [accept, chosen] of cases) assert.equal(chooseMediaType(accept, offered), chosen, accept)
})

test('an answer is compressed only as the client accepts', () => {
  const cases: [string | undefined, string | null][] = [
    [undefined, null],
    ['identity', null],
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0, *', 'gzip'],
    ['deflate', null],
  ]
  for (const [accept, chosen] of cases) assert.equal(chooseEncoding(accept), chosen, accept)
})
