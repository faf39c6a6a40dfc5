import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { openGate } from './open-gate.ts'

const server = createServer((_request, response) => response.end('here'))
before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
after(() => server.close())

test('the server is away while the gate is shut, and back when it is open', async () => {
  const { port } = server.address() as { port: number }
  const gate = await openGate(`http://127.0.0.1:${port}/path`)
  const ask = async () => (await fetch(gate.url)).text()
  assert.equal(await ask(), 'here')
  await gate.shut()
  await assert.rejects(ask())
  await gate.open()
  assert.equal(await ask(), 'here')
  await gate.close()
})
