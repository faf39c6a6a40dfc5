/** Raw sockets against a server that listens: what no client library would send, and how slowly. */
import assert from 'node:assert/strict'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { waitFor } from '@velocast/testkit'
import { defaultLimits, limitConnections } from './server-limits.ts'
import { forecastUrl, type GuardedServer, openGuardedServer } from './testing/guarded-server.ts'

/** A multiple of every limit below, on a busy machine; without limits it would be minutes. */
const waitedAtMostMs = 15_000
const HEAD = 'POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'

describe('a connection', () => {
  let server: GuardedServer
  let port: number

  before(async () => {
    server = await openGuardedServer(
      { RATE_LIMIT_TIERS: 'free=100000' },
      {
        limits: {
          ...defaultLimits,
          API_HEADERS_TIMEOUT_SECONDS: 1,
          API_REQUEST_TIMEOUT_SECONDS: 2,
          API_KEEP_ALIVE_SECONDS: 1,
          API_MAX_CONNECTIONS: 60,
          API_MAX_HEADER_BYTES: 8_192,
        },
      },
    )
    await server.app.listen({ host: '127.0.0.1', port: 0 })
    port = (server.app.server.address() as AddressInfo).port
  })
  after(() => server.close())

  interface Talk {
    socket: Socket
    /** All that came, once the server has closed. */
    closed: Promise<string>
  }
  const talk = (): Talk => {
    const socket = connect(port, '127.0.0.1')
    let heard = ''
    socket.on('data', (data) => {
      heard += data
    })
    const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(heard)))
    socket.on('error', () => {})
    return { socket, closed }
  }
  const say = (text: string | Buffer): Promise<string> => {
    const { socket, closed } = talk()
    socket.write(text)
    return closed
  }
  const problemIn = (answer: string): { status: number; detail: string } =>
    JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))
  /** A byte every 50 ms, for as long as it is let. */
  const trickle = (text: string): Promise<string> => {
    const { socket, closed } = talk()
    let next = 0
    const timer = setInterval(() => socket.write(text[next++ % text.length]!), 50)
    return closed.finally(() => clearInterval(timer))
  }

  it('whose head comes byte by byte is closed in time, with the reason', async () => {
    const since = performance.now()
    const answer = await trickle(`GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ${'x'.repeat(1_000)}`)
    assert.ok(performance.now() - since < waitedAtMostMs)
    assert.match(answer, /^HTTP\/1\.1 408 Request Timeout\r\n/)
    assert.match(answer, /application\/problem\+json/)
    assert.match(problemIn(answer).detail, /in time/)
  })

  it('whose body comes byte by byte is closed in time', async () => {
    const since = performance.now()
    const { socket, closed } = talk()
    socket.write(`${HEAD}Content-Length: 100000\r\n\r\n`)
    const timer = setInterval(() => socket.write('x'), 50)
    const answer = await closed.finally(() => clearInterval(timer))
    assert.ok(performance.now() - since < waitedAtMostMs)
    assert.match(answer, /^HTTP\/1\.1 408/)
  })

  it('that says nothing more after a request is closed', async () => {
    const since = performance.now()
    const answer = await say('GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n')
    assert.match(answer, /^HTTP\/1\.1 200/)
    assert.ok(performance.now() - since < waitedAtMostMs)
  })

  it('of many that are slow keeps nobody else waiting', async () => {
    const slow = Array.from({ length: 40 }, () => trickle('GET /health HTTP/1.1\r\nX-Slow: '))
    for (let time = 0; time < 10; time++) {
      const response = await fetch(`http://127.0.0.1:${port}${forecastUrl}`)
      assert.equal(response.status, 200)
      await response.arrayBuffer()
    }
    for (const answer of await Promise.all(slow)) assert.match(answer, /^HTTP\/1\.1 408/)
  })

  it('that is one too many is closed, and the others go on', async () => {
    const held = Array.from({ length: 70 }, talk)
    let closed = 0
    for (const each of held) void each.closed.then(() => closed++)
    await waitFor(() => closed >= 10, { what: 'ten are closed' })
    for (const { socket } of held) socket.destroy()
    await Promise.all(held.map((each) => each.closed))
    await waitFor(async () => (await say('GET /health HTTP/1.0\r\n\r\n')).startsWith('HTTP/1.1 200'), {
      what: 'there is room again',
    })
  })

  it('with a flood of headers, or a request that is none, is told so', async () => {
    const headers = Array.from({ length: 5_000 }, (_, index) => `X-Flood-${index}: x\r\n`).join('')
    const cases: [text: string, status: number][] = [
      [`GET / HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`, 431],
      [`GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
      [`GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431],
      ['\u0000\u0001\u0002\r\n\r\n', 400],
      ['GET / HTTP/9.9\r\n\r\n', 400],
      ['GET / HTTP/1.1\r\n\r\n', 400],
      [`${HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
      [`${HEAD}Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef`, 400],
      [`${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400],
    ]
    for (const [text, status] of cases) {
      const answer = await say(text)
      assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), text.slice(0, 60))
    }
  })
})

it('an address has only so many connections, but for those that are not counted', async () => {
  const { createServer } = await import('node:http')
  const { EventEmitter } = await import('node:events')
  const server = createServer()
  limitConnections(server, { atMost: 1_000, perAddress: 2, uncounted: ['10.0.0.0/8'] })
  const open = (remoteAddress: string) => {
    const socket = Object.assign(new EventEmitter(), { remoteAddress, isDestroyed: false, destroy: () => {} })
    socket.destroy = () => {
      socket.isDestroyed = true
      socket.emit('close')
    }
    server.emit('connection', socket)
    return socket
  }
  for (const [address, again] of [
    ['192.0.2.1', '::ffff:192.0.2.1'],
    ['2001:db8::1', '2001:db8::2'],
  ] as const) {
    const [first, second, third] = [open(address), open(again), open(address)]
    assert.deepEqual([first.isDestroyed, second.isDestroyed, third.isDestroyed], [false, false, true])
    first.destroy()
    assert.equal(open(again).isDestroyed, false)
  }
  for (const address of ['10.1.2.3', '127.0.0.1', '::1', '::ffff:10.1.2.3'])
    assert.ok(
      Array.from({ length: 5 }, () => open(address)).every((socket) => !socket.isDestroyed),
      address,
    )
})
