import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { failsWith, serveRoutes } from '../testing/serve-routes.ts'

const { address, routes, asked, requester, close } = await serveRoutes()
after(close)

test('a document comes with its ETag, compressed or not, from a stated client', async () => {
  routes['/gzip'] = (request, response) => {
    assert.match(request.headers['user-agent'] ?? '', /^Velocast\/\d+\.\d+\.\d+ \(\+bike-share forecasts\)$/)
    assert.match(String(request.headers['accept-encoding']), /gzip/)
    response.writeHead(200, { 'content-encoding': 'gzip', etag: '"1"' }).end(gzipSync('{"a":1}'))
  }
  const answer = await requester().request('/gzip')
  assert.deepEqual(answer, {
    kind: 'document',
    document: { a: 1 },
    etag: '"1"',
    lastModified: null,
    freshForMs: 0,
    latencyMs: 0,
  })
})

test('who runs this can be found', async () => {
  let agent: string | undefined
  routes['/contact'] = (request, response) => {
    agent = request.headers['user-agent']
    response.end('{}')
  }
  await requester({ contact: 'feeds@example.org' }).request('/contact')
  assert.match(agent ?? '', /^Velocast\/[\d.]+ \(\+bike-share forecasts; feeds@example\.org\)$/)
})

test('what is known already is not sent again', async () => {
  routes['/etag'] = (request, response) => {
    response.writeHead(request.headers['if-none-match'] === '"1"' ? 304 : 200).end()
  }
  const answer = await requester().ask(`${address}/etag`, { at: 0, etag: '"1"' })
  assert.equal(answer.kind, 'unchanged')
})

test('by its date, too; and an answer says for how long it is good', async () => {
  routes['/dated'] = ({ headers }, response) => {
    const lastModified = 'Mon, 02 Mar 2026 08:00:00 GMT'
    response.setHeader('last-modified', lastModified).setHeader('cache-control', 'public, max-age=60')
    response.setHeader('age', '15')
    response.writeHead(headers['if-modified-since'] === lastModified ? 304 : 200).end('{}')
  }
  const first = await requester().request('/dated')
  assert.ok(first.kind === 'document' && first.lastModified)
  assert.equal(first.freshForMs, 45_000)
  const again = await requester().ask(`${address}/dated`, { at: 0, lastModified: first.lastModified })
  assert.deepEqual([again.kind, again.freshForMs], ['unchanged', 45_000])
})

test('an outage that passes is waited for, with jitter; one that does not is told', async () => {
  let failures = 2
  routes['/flaky'] = (_, response) => {
    failures -= 1
    response.writeHead(failures >= 0 ? 503 : 200).end('{"message":"busy"}')
  }
  const flaky = requester()
  assert.equal((await flaky.request('/flaky')).kind, 'document')
  assert.deepEqual(flaky.waits, [500, 1000])
  failures = 9
  await assert.rejects(flaky.request('/flaky'), /\/flaky answers 503: busy/)
})

test('the server says when to come back; what would end after the budget is not waited for', async () => {
  routes['/later'] = (_, response) => {
    response.writeHead(429, { 'retry-after': '20' }).end()
  }
  const patient = requester()
  await assert.rejects(patient.request('/later'), failsWith('refused'))
  assert.deepEqual(patient.waits, [20_000, 20_000])
  const hurried = requester({ budgetMs: 15_000 })
  await assert.rejects(hurried.request('/later'), failsWith('refused'))
  assert.deepEqual(hurried.waits, [])
})

test('who wants to be left alone for longer than a poll lasts is not asked again before', async () => {
  let isBusy = true
  routes['/busy'] = (_, response) => {
    response.writeHead(isBusy ? 503 : 200, isBusy ? { 'retry-after': '100' } : {}).end('{}')
  }
  const { request, passTime } = requester()
  const timesAsked = () => asked.filter((path) => path === '/busy').length
  await assert.rejects(request('/busy'), failsWith('refused'))
  isBusy = false
  passTime(99_000)
  await assert.rejects(request('/busy'), /wants to be left alone until/)
  assert.equal(timesAsked(), 1)
  passTime(1_000)
  assert.equal((await request('/busy')).kind, 'document')
})

test('requests of one poll share its time', async () => {
  routes['/down'] = (_, response) => {
    response.writeHead(503).end()
  }
  const { ask, waits, passTime } = requester({ deadlineOf: (at) => at + 60_000, attempts: 9 })
  const at = 1_000_000
  passTime(59_000)
  await assert.rejects(ask(`${address}/down`, { at }), failsWith('refused'))
  assert.deepEqual(waits, [500])
  passTime(1_000)
  await assert.rejects(ask(`${address}/down`, { at }), /was not asked: the time for the poll is over/)
})

test('what will not pass is not tried again, and a key in the address is told to nobody', async () => {
  routes['/forbidden'] = (_, response) => {
    response.writeHead(401).end('{"cod":401,"message":"Invalid API key."}')
  }
  const { request, waits } = requester()
  await assert.rejects(request('/forbidden?appid=secret'), (error: Error) => {
    assert.match(error.message, /answers 401: Invalid API key\./)
    assert.doesNotMatch(error.message, /secret/)
    return true
  })
  assert.deepEqual(waits, [])
})

test('a key goes to the hosts that it is for, and to no other; whoever repeats it is not repeated', async () => {
  const host = new URL(address).host
  const elsewhere = address.replace('127.0.0.1', 'localhost')
  const seen: [path: string, header: unknown, query: string][] = []
  const note = ({ url = '', headers }: IncomingMessage) => {
    const { pathname, search } = new URL(url, address)
    seen.push([pathname, headers['x-key'], search])
  }
  routes['/keyed'] = (request, response) => {
    note(request)
    response.writeHead(302, { location: `${elsewhere}/other${request.url?.slice('/keyed'.length)}` }).end()
  }
  routes['/other'] = (request, response) => {
    note(request)
    response.writeHead(403).end('{"message":"s3cret/key is not known here, nor is s3cret%2Fkey"}')
  }
  const key = { value: 's3cret/key', hosts: new Set([host]) }
  for (const sent of [{ in: 'header', name: 'X-Key' } as const, { in: 'query', name: 'key' } as const])
    await assert.rejects(
      requester().ask(`${address}/keyed?a=1`, { at: 0, key: { ...key, ...sent } }),
      (error: Error) => {
        assert.doesNotMatch(JSON.stringify([error.message, error.cause]), /s3cret/)
        return true
      },
    )
  assert.deepEqual(seen, [
    ['/keyed', 's3cret/key', '?a=1'],
    ['/other', undefined, '?a=1'],
    ['/keyed', undefined, '?a=1&key=s3cret%2Fkey'],
    ['/other', undefined, '?a=1'],
  ])
})

test('redirects are followed to http addresses, and not for ever', async () => {
  routes['/moved'] = (_, response) => {
    response.writeHead(301, { location: '/here' }).end()
  }
  routes['/here'] = (_, response) => {
    response.end('{}')
  }
  routes['/round'] = (_, response) => {
    response.writeHead(302, { location: '/round' }).end()
  }
  routes['/file'] = (_, response) => {
    response.writeHead(302, { location: 'file:///etc/passwd' }).end()
  }
  assert.equal((await requester().request('/moved')).kind, 'document')
  await assert.rejects(requester().request('/round'), failsWith('too-many-redirects'))
  assert.equal(asked.filter((path) => path === '/round').length, 6)
  await assert.rejects(requester().request('/file'), failsWith('address'))
  await assert.rejects(requester().ask('ftp://bikes.example/gbfs', { at: 0 }), failsWith('address'))
  await assert.rejects(requester().ask('', { at: 0 }), failsWith('address'))
})

test('who does not answer in time is left, and who is not there is told', async () => {
  routes['/silent'] = () => {}
  const { request, waits } = requester({ timeoutMs: 50, attempts: 2 })
  await assert.rejects(request('/silent'), /no answer within 50 ms/)
  assert.equal(waits.length, 1)
  await assert.rejects(
    requester({ attempts: 1 }).ask('http://127.0.0.1:1/', { at: 0 }),
    failsWith('unreachable'),
  )
})

test('to be stopped is no failure of the feed', async () => {
  const stopping = new AbortController()
  routes['/hanging'] = () => stopping.abort(new Error('stopping'))
  await assert.rejects(requester({ signal: stopping.signal }).request('/hanging'), /^Error: stopping$/)
})
