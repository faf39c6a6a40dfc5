import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { systemClock } from '@velocast/runtime'
import { waitFor } from '@velocast/testkit'
import { FeedError } from '../feed-error.ts'
import { openHttpClient } from './open-http-client.ts'

test('a host is asked by a bounded number of connections, and whoever is stopped waits for none of them', async (context) => {
  const open: ServerResponse[] = []
  const server = createServer((_, response) => {
    open.push(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const stopping = new AbortController()
  const { request, close } = openHttpClient({
    clock: systemClock,
    signal: stopping.signal,
    budgetMs: 30_000,
  })
  const answers = Array.from({ length: 40 }, (_, index) => request(`${address}/${index}`, { at: Date.now() }))
  const settled = Promise.allSettled(answers)
  await waitFor(() => open.length >= 16, { what: '16 requests' })
  for (let answered = 0; answered < 24; answered += 1) {
    await waitFor(() => open.length > answered, { what: 'the next request' })
    assert.ok(open.length <= answered + 16)
    open[answered]!.end('{}')
  }
  await waitFor(() => open.length === 40, { what: 'the rest' })
  stopping.abort(new Error('stopping'))
  const outcomes = (await settled).map(({ status }) => status)
  assert.equal(outcomes.filter((status) => status === 'fulfilled').length, 24)
  await close()
})

test('a server that is not there is told in words', async () => {
  const gone = createServer().listen(0, '127.0.0.1')
  await once(gone, 'listening')
  const { port } = gone.address() as AddressInfo
  gone.close()
  await once(gone, 'close')
  const { signal } = new AbortController()
  const { request, close } = openHttpClient({ clock: systemClock, signal, budgetMs: 2_000, attempts: 1 })
  await assert.rejects(
    request(`http://127.0.0.1:${port}/gbfs.json`, { at: Date.now() }),
    (error: unknown) =>
      error instanceof FeedError &&
      error.failure === 'unreachable' &&
      /^http:\/\/127\.0\.0\.1:\d+\/gbfs\.json cannot be reached: .*ECONNREFUSED/.test(error.message),
  )
  await close()
})
