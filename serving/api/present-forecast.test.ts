import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { rounded, roundedJson } from './present-forecast.ts'

const asJson = (value: number): void => assert.equal(roundedJson(value), JSON.stringify(rounded(value)))

test('a number is written as JSON has it: rounded, without zeros at its end, and null where it is none', () => {
  for (let part = 0; part <= 20_000; part++) asJson(part / 10_000)
  for (const value of [
    -0,
    0.99995,
    0.000049,
    0.00005,
    1e9 - 0.00005,
    1e9,
    1e300,
    Number.NaN,
    Infinity,
    -Infinity,
  ])
    asJson(value)
  fc.assert(fc.property(fc.double({ min: -10, max: 2e9 }), asJson))
  fc.assert(fc.property(fc.float({ noNaN: false }), asJson))
})
