import assert from 'node:assert/strict'
import { test } from 'node:test'
import { whyUnreachable } from './why-unreachable.ts'

const failed = (code: string | undefined, message: string): Error =>
  new TypeError('fetch failed', {
    cause: Object.assign(new Error(message), code === undefined ? {} : { code }),
  })

test('why there is no answer is said in words, with the code beside them', () => {
  const name = failed('ENOTFOUND', 'getaddrinfo ENOTFOUND bikes.example')
  assert.equal(whyUnreachable(name), 'there is no host of that name (ENOTFOUND)')
  // Of a host with several addresses, Node gives an error without a message.
  assert.equal(whyUnreachable(failed('ECONNREFUSED', '')), 'nobody listens there (ECONNREFUSED)')
  assert.equal(whyUnreachable(failed(undefined, 'bad port')), 'bad port')
  assert.equal(whyUnreachable(failed('UND_ERR_ABORTED', '')), 'UND_ERR_ABORTED')
  assert.equal(whyUnreachable(new SyntaxError('it is empty')), 'it is empty')
})
