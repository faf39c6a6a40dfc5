import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createAsciiWriter } from './ascii-writer.ts'
import { rounded } from './rounded.ts'

const { text, number, take } = createAsciiWriter()

const asJson = (value: number): void => {
  number(value)
  assert.equal(take(), JSON.stringify(rounded(value)))
}

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

test('what is written comes out in its order, however much it is, and once', () => {
  const parts: string[] = []
  for (let index = 0; index < 20_000; index++) {
    const part = `,"${index}":`
    parts.push(part, String(index / 4))
    text(part)
    number(index / 4)
  }
  assert.equal(take(), parts.join(''))
  assert.equal(take(), '')
})
