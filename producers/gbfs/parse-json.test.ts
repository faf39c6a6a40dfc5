import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseJson } from './parse-json.ts'

test('what JSON can say is parsed as ever, and a mark of byte order is no part of it', () => {
  const value = { a: [1, -2.5e3, 'x', null, true], long: '12345678901234567890', exact: 9007199254740991 }
  assert.deepEqual(parseJson(JSON.stringify(value)), value)
  assert.deepEqual(parseJson(`\ufeff${JSON.stringify(value)}`), value)
})

test('no digit of a long integer is lost', () => {
  assert.deepEqual(parseJson('{"id": 9007199254740993, "ids":[-12345678901234567890,1.5,7]}'), {
    id: 9007199254740993n,
    ids: [-12345678901234567890n, 1.5, 7],
  })
})

test('a bare NaN, which JSON does not have, costs the document nothing', () => {
  assert.deepEqual(parseJson('{"NaN": "a NaN in \\"text", "b": NaN, "c": [-Infinity]}'), {
    NaN: 'a NaN in "text',
    b: 'NaN',
    c: ['-Infinity'],
  })
})

test('what is not JSON is named', () => {
  const refused: [string, RegExp][] = [
    ['', /^it is empty$/],
    ['\n<!DOCTYPE html><html>', /^it is a web page$/],
    ['<?xml version="1.0"?>', /^it is XML$/],
    ['{"a": [1, 2,]}', /not valid JSON|JSON at position/],
    ['{"a": NaN,}', /position 12/],
    ['{"a": 1} trailing', /not valid JSON|JSON at position/],
  ]
  for (const [text, message] of refused)
    assert.throws(() => parseJson(text), { name: 'SyntaxError', message })
})
