import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { Value } from 'typebox/value'
import { openExampleServer } from './testing/example-city.ts'
import { type ApiDocument, exampleRequests } from './testing/example-requests.ts'
import type { TestServer } from './testing/test-server.ts'

let server: TestServer
let document: ApiDocument
before(async () => {
  server = await openExampleServer()
  await server.app.ready()
  document = server.app.swagger() as ApiDocument
})
after(() => server.close())

const committed = JSON.parse(
  readFileSync(new URL('./generated/examples.json', import.meta.url), 'utf8'),
) as Record<string, { url: string; response: unknown }>

test('every example of the document, asked of the server, gives the answer that the document shows', async () => {
  const requests = exampleRequests(document)
  assert.deepEqual(
    requests.map(({ operationId, url }) => [operationId, url]),
    Object.entries(committed).map(([operationId, { url }]) => [operationId, url]),
  )
  for (const { operationId, url, schema } of requests) {
    const answer = await server.app.inject({ url })
    assert.equal(answer.statusCode, 200, url)
    const body = answer.json()
    const [mistake] = Value.Errors(schema, body)
    assert.equal(mistake, undefined, `${url}: ${JSON.stringify(mistake)}`)
    assert.deepEqual(undocumented(body, schema), [], `${url}: fields that its schema does not know`)
    assert.deepEqual(body, committed[operationId]!.response, url)
  }
})

test('the document that is committed is the one that is served', async () => {
  const file = readFileSync(new URL('./generated/openapi.json', import.meta.url), 'utf8')
  assert.deepEqual((await server.app.inject({ url: '/openapi.json' })).json(), JSON.parse(file))
})

test('every route of /v1 has a name of its own, and says what it answers where something is wrong', () => {
  const names = new Set<string>()
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    if (!path.startsWith('/v1/')) continue
    const get = item!.get!
    assert.ok(get.operationId, path)
    names.add(get.operationId!)
    if (path.includes('{station}')) assert.ok(get.responses?.['404'], path)
    for (const [status, response] of Object.entries(get.responses ?? {}))
      if (Number(status) >= 400) assert.ok(response.content?.['application/problem+json'], path)
  }
  assert.equal(names.size, Object.keys(document.paths ?? {}).filter((path) => path.startsWith('/v1/')).length)
})

/** Where a body has a field that its schema does not describe. */
const undocumented = (body: unknown, schema: unknown, at = ''): string[] => {
  const { properties, items, anyOf, additionalProperties } = schema as Record<string, never> & {
    properties?: Record<string, unknown>
    items?: unknown
    anyOf?: unknown[]
    additionalProperties?: unknown
  }
  if (anyOf) {
    const tries = anyOf.map((each) => undocumented(body, each, at))
    return tries.find((found) => found.length === 0) ?? tries[0]!
  }
  if (Array.isArray(body))
    return body.flatMap((each, index) => undocumented(each, items ?? {}, `${at}/${index}`))
  if (typeof body !== 'object' || body === null || additionalProperties) return []
  return Object.entries(body).flatMap(([name, value]) => {
    const known = (properties as Record<string, unknown> | undefined)?.[name]
    return known === undefined ? [`${at}/${name}`] : undocumented(value, known, `${at}/${name}`)
  })
}

test('the document says what may come of any request, and of one with a body', () => {
  const statusesOf = (path: string, method: 'get' | 'post'): string[] =>
    Object.keys(document.paths?.[path]?.[method]?.responses ?? {})
  for (const [path, item] of Object.entries(document.paths ?? {}))
    for (const method of ['get', 'post'] as const) {
      if (!item?.[method]) continue
      const statuses = statusesOf(path, method)
      assert.ok(statuses.includes('200') || statuses.includes('202'), `${method} ${path}: ${statuses}`)
      for (const status of ['400', '431'])
        assert.ok(statuses.includes(status), `${method} ${path}: ${status}`)
    }
  for (const status of ['401', '403', '413', '415', '429'])
    assert.ok(statusesOf('/predict', 'post').includes(status), status)
  assert.ok(!statusesOf('/health', 'get').includes('401'), 'probes are asked by everybody')
})
