import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readRate, readSource, readWindow } from './read-window.ts'

const now = Date.UTC(2026, 10, 20)

test('a window has a beginning, and an end or none', () => {
  assert.deepEqual(readWindow({ from: '2026-11-01', to: '2026-11-02T12:00:00Z' }, now), {
    fromMs: Date.UTC(2026, 10, 1),
    toMs: Date.UTC(2026, 10, 2, 12),
  })
  assert.deepEqual(readWindow({ from: '2026-11-01' }, now), { fromMs: Date.UTC(2026, 10, 1), toMs: null })
})

test('what is no window is refused, every mistake at once', () => {
  const refused = [
    [{ from: 'yesterday', to: 'today' }, /--from yesterday .*\n.*--to today/],
    [{ from: '2026-11-02', to: '2026-11-01' }, /--from must come before --to/],
    [{ from: '2026-12-01' }, /--from must come before --to/],
    [{}, /--from/],
  ] as const
  for (const [given, because] of refused) assert.throws(() => readWindow(given, now), because)
})

test('a rate is a number of rows or max; a source is one of three', () => {
  assert.deepEqual([readRate('500'), readRate('max')], [500, Number.POSITIVE_INFINITY])
  for (const given of ['0', '-1', 'fast', '']) assert.throws(() => readRate(given), /--rate/)
  assert.equal(readSource('log'), 'log')
  assert.throws(() => readSource('memory'), /none of auto, log, table/)
})
