import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeadLetter } from '@velocast/kafka'
import { chooseLetters, groupLetters } from './choose-letters.ts'

const letter = (offset: number, change: Partial<DeadLetter> = {}): DeadLetter => ({
  topic: 'station-status',
  offset,
  key: 'oslo/1',
  systemId: 'oslo',
  reason: 'invalid',
  detail: 'bikes',
  consumer: 'features',
  rejectedAt: new Date(offset * 1000).toISOString(),
  redrives: 0,
  isRedriven: false,
  ...change,
})

const letters = [
  letter(0, { isRedriven: true }),
  letter(1),
  letter(2, { reason: 'not-avro', key: 'garbage', systemId: null }),
  letter(3, { redrives: 1 }),
  letter(4, { systemId: 'bergen', key: 'bergen/1' }),
]
const offsetsOf = (chosen: readonly DeadLetter[]): number[] => chosen.map(({ offset }) => offset)

test('what was sent back before, or came back from it, is left out unless it is asked for', () => {
  assert.deepEqual(offsetsOf(chooseLetters(letters, { again: false })), [1, 2, 4])
  assert.deepEqual(offsetsOf(chooseLetters(letters, { again: true })), [0, 1, 2, 3, 4])
})

test('system, reason, time and number choose', () => {
  assert.deepEqual(offsetsOf(chooseLetters(letters, { again: false, system: 'oslo' })), [1])
  assert.deepEqual(offsetsOf(chooseLetters(letters, { again: false, reason: 'not-avro' })), [2])
  assert.deepEqual(offsetsOf(chooseLetters(letters, { again: false, sinceMs: 2_000 })), [2, 4])
  assert.deepEqual(offsetsOf(chooseLetters(letters, { again: true, limit: 2 })), [0, 1])
})

test('the table has a line for each topic and reason', () => {
  const chosen = new Set(chooseLetters(letters, { again: false }))
  assert.deepEqual(
    groupLetters(letters, chosen).map(({ reason, letters, redriven, chosen }) => [
      reason,
      letters,
      redriven,
      chosen,
    ]),
    [
      ['invalid', 4, 2, 2],
      ['not-avro', 1, 0, 1],
    ],
  )
})
