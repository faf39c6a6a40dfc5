import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { failsWith, serveRoutes } from '../testing/serve-routes.ts'

const { routes, requester, close } = await serveRoutes()
after(close)

test('every usual compression is undone, and that of a file which is served as it is', async () => {
  const bodies: Record<string, Buffer> = {
    gzip: gzipSync('{"a":1}'),
    deflate: deflateSync('{"a":1}'),
    br: brotliCompressSync('{"a":1}'),
  }
  routes['/compressed'] = ({ headers }, response) => {
    const how = String(headers['x-how'])
    response.writeHead(200, { 'content-encoding': how }).end(bodies[how])
  }
  for (const how of Object.keys(bodies)) {
    const answer = await requester({ headersAt: () => ({ 'x-how': how }) }).request('/compressed')
    assert.deepEqual(answer.kind === 'document' && answer.document, { a: 1 }, how)
  }
  routes['/feed.json.gz'] = (_, response) => {
    response.writeHead(200, { 'content-type': 'application/gzip' }).end(gzipSync('{"a":1}'))
  }
  const file = await requester().request('/feed.json.gz')
  assert.deepEqual(file.kind === 'document' && file.document, { a: 1 })
  routes['/bomb.json.gz'] = (_, response) => {
    response.end(gzipSync(Buffer.alloc(17 * 1024 * 1024)))
  }
  await assert.rejects(requester().request('/bomb.json.gz'), failsWith('too-large'))
})

test('a document cut off in the middle is asked for again', async () => {
  const documents = ['{"data":', '{"data":1}']
  routes['/cut'] = (_, response) => {
    response.end(documents.shift())
  }
  assert.equal((await requester().request('/cut')).kind, 'document')
  routes['/cut'] = (_, response) => {
    response.end('<html>')
  }
  await assert.rejects(requester().request('/cut'), failsWith('not-json'))
})

test('a body is read up to its bound, however small it was when compressed', async () => {
  routes['/bomb'] = (_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(17 * 1024 * 1024)))
  }
  await assert.rejects(requester().request('/bomb'), failsWith('too-large'))
})
