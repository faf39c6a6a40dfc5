import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { UnavailableError } from '@velocast/runtime'
import { createValueCodec } from './value-codec.ts'

const withSchemaId = Buffer.from([0, 0, 0, 0, 42, 1, 2, 3])

const codecFor = (registryUrl: string, options: { answerWithinMs?: number } = {}) =>
  createValueCodec({ registryUrl, topicPrefix: 'test-', clientId: 'test', ...options })

/** A codec whose registry answers every request with this status. */
const withRegistry = async (
  status: number,
  work: (codec: ReturnType<typeof codecFor>) => Promise<void>,
): Promise<void> => {
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"message":"as told"}')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  try {
    await work(codecFor(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
  } finally {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  }
}

test('a registry that does not answer is waited for, by writers and readers alike', async () => {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  await new Promise((closed) => server.close(closed))
  const codec = codecFor(`http://127.0.0.1:${port}`)
  await assert.rejects(codec.prepareToWrite('station-status'), UnavailableError)
  await assert.rejects(codec.prepareToRead('station-status', [withSchemaId]), UnavailableError)
})

test('a registry that takes the question and says nothing is away, and is asked anew', {
  timeout: 5_000,
}, async () => {
  let questions = 0
  const server = createServer(() => {
    questions += 1
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const codec = codecFor(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    answerWithinMs: 100,
  })
  await assert.rejects(codec.prepareToWrite('station-status'), UnavailableError)
  await assert.rejects(codec.prepareToRead('station-status', [withSchemaId]), UnavailableError)
  await assert.rejects(codec.prepareToRead('station-status', [withSchemaId]), UnavailableError)
  assert.equal(questions, 3)
  server.closeAllConnections()
  await new Promise((closed) => server.close(closed))
})

test('a connection that breaks is no answer', async () => {
  const server = createServer((request) => request.socket.destroy())
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const codec = codecFor(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const writing = codec.prepareToWrite('station-status')
  await writing.catch(() => {})
  await new Promise((closed) => server.close(closed))
  await assert.rejects(writing, UnavailableError)
})

test('the trouble of the registry itself is waited out', () =>
  withRegistry(503, async (codec) => {
    await assert.rejects(codec.prepareToRead('station-status', [withSchemaId]), UnavailableError)
  }))

test('a schema that the registry does not know is a fact about the record', () =>
  withRegistry(404, async (codec) => {
    await codec.prepareToRead('station-status', [withSchemaId])
    const decoded = codec.decode('station-status', withSchemaId)
    assert.equal(decoded.ok ? null : decoded.reason, 'unknown-schema')
  }))

test('a registry that lets us not in is no fact about the record, and waiting would not help', () =>
  withRegistry(401, async (codec) => {
    await assert.rejects(
      codec.prepareToRead('station-status', [withSchemaId]),
      (error: Error & { status?: number }) => !(error instanceof UnavailableError) && error.status === 401,
    )
  }))
