import assert from 'node:assert/strict'
import { test } from 'node:test'
import { completeAddress } from './complete-address.ts'

test('an address without its scheme, or with two slashes in front, is on a host, also beside a saved document', () => {
  const cases: [url: string, base: string, address: string][] = [
    ['//op.example/x.json', 'file:///saved/gbfs.json', 'https://op.example/x.json'],
    ['\\\\op.example\\x.json', 'file:///saved/gbfs.json', 'https://op.example/x.json'],
    ['//op.example/x.json', 'http://other.example/gbfs.json', 'http://op.example/x.json'],
    ['op.example/x.json', 'file:///saved/gbfs.json', 'https://op.example/x.json'],
    ['op.example/x.json', 'https://other.example/gbfs.json', 'https://op.example/x.json'],
    ['x.json', 'file:///saved/gbfs.json', 'file:///saved/x.json'],
    ['/en/x.json', 'https://op.example/gbfs.json', 'https://op.example/en/x.json'],
  ]
  for (const [url, base, address] of cases)
    assert.equal(
      completeAddress(url, base, () => {}),
      address,
      url,
    )
})
