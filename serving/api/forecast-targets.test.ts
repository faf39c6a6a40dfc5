import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forecastTargets } from './forecast-targets.ts'

const at = (text: string): number => Date.parse(`2026-05-04T${text}Z`)
const textOf = (targets: number[]): string[] =>
  targets.map((each) => new Date(each).toISOString().slice(11, 16))

test('targets lie whole hours after the slot nearest to asOf', () => {
  assert.deepEqual(textOf(forecastTargets(at('08:01:10'), at('08:02'), 2)), ['09:00', '10:00'])
  assert.deepEqual(textOf(forecastTargets(at('08:14:50'), at('08:15'), 2)), ['09:15', '10:15'])
})

test('targets that have passed are left out', () => {
  assert.deepEqual(textOf(forecastTargets(at('08:00'), at('09:00'), 2)), ['10:00', '11:00'])
  assert.deepEqual(textOf(forecastTargets(at('08:00'), at('08:59:59'), 1)), ['09:00'])
  assert.deepEqual(textOf(forecastTargets(at('08:00'), at('13:30'), 1)), ['14:00'])
})

test('a clock that is behind the feed changes nothing', () => {
  assert.deepEqual(textOf(forecastTargets(at('08:00'), at('06:00'), 1)), ['09:00'])
})
