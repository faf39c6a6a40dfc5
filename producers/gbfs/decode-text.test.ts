import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeText } from './decode-text.ts'

const TEXT = '{"name":"Pla\u00e7a"}'

test('a text is read in UTF-8, in UTF-16 with its mark, and in Windows-1252', () => {
  const utf16 = Buffer.from(`\ufeff${TEXT}`, 'utf16le')
  for (const bytes of [
    Buffer.from(TEXT),
    Buffer.from(`\ufeff${TEXT}`),
    Buffer.from(TEXT, 'latin1'),
    utf16,
    Buffer.from(utf16).swap16(),
  ])
    assert.equal(decodeText(bytes), TEXT)
  assert.equal(decodeText(Buffer.alloc(0)), '')
})
