import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waitFor } from './wait-for.ts'

test('a fact that comes is returned', async () => {
  let asked = 0
  const seen = await waitFor(() => (++asked === 3 ? { asked } : null), {
    what: 'the third time',
  })
  assert.deepEqual(seen, { asked: 3 })
})

test('a rejection means not yet', async () => {
  let asked = 0
  const fact = async (): Promise<string> => {
    if (++asked < 3) throw new Error('not there')
    return 'there'
  }
  assert.equal(await waitFor(fact, { what: 'it' }), 'there')
})

test('a fact that does not come fails with what was wanted and what was seen last', async () => {
  await assert.rejects(
    waitFor(() => undefined, { withinMs: 30, what: 'a sign of life' }),
    {
      message: /Not within 30 ms: a sign of life. Last seen: undefined/,
    },
  )
})

test('it fails with what those said last, until then, who should have brought it about', async () => {
  const lines = ['started']
  const waiting = waitFor(() => lines.length > 2, { withinMs: 30, what: 'a third word', lines: () => lines })
  lines.push('stuck')
  await assert.rejects(waiting, { message: /Last seen: false\nstarted\nstuck$/ })
})
