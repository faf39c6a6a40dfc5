import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { problemTypes } from './problem-types.ts'

test('the document lists every type of problem with its status', () => {
  const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8')
  const listed = [...page.matchAll(/^\| `\/problems\/([a-z-]+)` \| (\d+) \|/gm)].map(([, name, status]) => [
    name,
    Number(status),
  ])
  assert.deepEqual(
    listed,
    Object.entries(problemTypes).map(([name, { status }]) => [name, status]),
  )
})
