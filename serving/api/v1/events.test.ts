import assert from 'node:assert/strict'
import { type AddressInfo, connect, createServer } from 'node:net'
import { after, before, test } from 'node:test'
import { waitFor } from '@velocast/testkit'
import { testNow, testVector } from '../testing/test-city.ts'
import { openTestServer, type TestServer } from '../testing/test-server.ts'
import { createEventLog } from './event-log.ts'
import { writeOrCut } from './write-or-cut.ts'

const path = '/v1/systems/test-city/events'

let server: TestServer
let address: string
before(async () => {
  server = await openTestServer({
    events: { watchEveryMs: 5, heartbeatMs: 20, mostListeners: 3 },
  })
  server.fill('a', 'b')
  await server.serve(1)
  address = await server.app.listen({ port: 0, host: '127.0.0.1' })
})
after(() => server.close())

interface SeenEvent {
  id: string
  event: string
  // biome-ignore lint/suspicious/noExplicitAny: what the server sends is what is tested.
  data: any
}

/** Listens until `stop`; comments are counted apart. */
const listen = async (query = '', headers: Record<string, string> = {}) => {
  const controller = new AbortController()
  const response = await fetch(address + path + query, { headers, signal: controller.signal })
  const events: SeenEvent[] = []
  let comments = 0
  let isEnded = false
  const reading = (async () => {
    let text = ''
    for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
      text += piece
      const blocks = text.split('\n\n')
      text = blocks.pop()!
      for (const block of blocks) {
        if (block.startsWith(':')) comments++
        else {
          const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? ''
          events.push({ id: field('id'), event: field('event'), data: JSON.parse(field('data')) })
        }
      }
    }
  })()
    .catch(() => {})
    .finally(() => {
      isEnded = true
    })
  return {
    response,
    events,
    comments: () => comments,
    isEnded: () => isEnded,
    stop: async () => {
      controller.abort()
      await reading
    },
    until: (event: string) => waitFor(() => events.find((each) => each.event === event), { what: event }),
  }
}

test('new forecasts and another model are told as they come, and silence is alive', async () => {
  const all = await listen()
  assert.equal(all.response.headers.get('content-type'), 'text/event-stream')
  assert.ok(all.response.headers.get('x-request-id'))
  const hello = await all.until('hello')
  assert.equal(hello.data.model.version, '1')
  const ofB = await listen('?station=b')
  await ofB.until('hello')
  server.knowledge.takeVector(testVector('a', { asOf: testNow }))
  const { data } = await all.until('forecasts')
  assert.deepEqual(data, { system_id: 'test-city', as_of: '2026-05-04T08:01:00.000Z', stations: 1 })
  server.knowledge.takeVector(testVector('b', { asOf: testNow + 1_000 }))
  assert.deepEqual((await ofB.until('forecasts')).data.station_ids, ['b'])
  await server.serve(2)
  assert.equal((await ofB.until('model')).data.previous_version, '1')
  await waitFor(() => all.comments() > 1, { what: 'heartbeats' })
  await all.stop()
  await ofB.stop()
})

test('whoever comes back gets what it missed, or a reset where that is gone', async () => {
  const first = await listen()
  const { id } = await first.until('hello')
  await first.stop()
  server.knowledge.takeVector(testVector('a', { asOf: testNow + 2_000 }))
  const probe = await listen('', { 'last-event-id': id })
  const missed = await probe.until('forecasts')
  await probe.stop()
  const again = await listen('', { 'last-event-id': missed.id })
  await again.until('hello')
  assert.equal(again.events.length, 1, 'nothing was missed')
  await again.stop()
  const stranger = await listen('', { 'last-event-id': 'other:1' })
  await stranger.until('hello')
  assert.deepEqual(
    stranger.events.map(({ event }) => event),
    ['reset', 'hello'],
  )
  await stranger.stop()
})

test('so many may listen, and there is room again when one has gone', async () => {
  const listening = [await listen(), await listen(), await listen()]
  const refused = await fetch(address + path)
  assert.equal(refused.status, 503)
  // biome-ignore lint/suspicious/noExplicitAny: a problem document.
  assert.equal(((await refused.json()) as any).type, '/problems/too-many-listeners')
  await listening.pop()!.stop()
  await waitFor(
    async () => {
      const response = await fetch(address + path)
      await response.body?.cancel()
      return response.status === 200
    },
    { what: 'there is room again' },
  )
  for (const each of listening) await each.stop()
})

test('a client that does not read is cut off before it fills the memory', async () => {
  const mostUnreadBytes = 100_000
  let most = 0
  const cut = Promise.withResolvers<void>()
  const slow = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('close', () => cut.resolve())
    const text = 'x'.repeat(50_000)
    const write = (): void => {
      if (socket.destroyed) return
      writeOrCut(socket, text, mostUnreadBytes)
      most = Math.max(most, socket.writableLength)
      setImmediate(write)
    }
    write()
  })
  await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve))
  const client = connect((slow.address() as AddressInfo).port, '127.0.0.1').pause()
  client.on('error', () => {})
  await cut.promise
  assert.ok(most <= mostUnreadBytes + 50_000, `${most} bytes`)
  client.destroy()
  slow.close()
})

test('the server ends its streams when it stops', async () => {
  const own = await openTestServer({ events: { watchEveryMs: 5 } })
  const ownAddress = await own.app.listen({ port: 0, host: '127.0.0.1' })
  const response = await fetch(ownAddress + path)
  const reading = response.text()
  await own.close()
  assert.match(await reading, /event: hello/)
})

test('a bounded number of events is kept, and an older one is known to be gone', () => {
  const log = createEventLog('p', 2)
  const start = log.newestId()
  const publish = () => log.publish({ name: 'model', data: {}, stationIds: null })
  publish()
  assert.equal(log.since(start)?.length, 1)
  publish()
  assert.equal(log.since(start)?.length, 2)
  publish()
  assert.equal(log.since(start), null)
  assert.deepEqual(
    log.since('p:2')?.map(({ id }) => id),
    ['p:3'],
  )
  assert.deepEqual(log.since('p:3'), [])
})
