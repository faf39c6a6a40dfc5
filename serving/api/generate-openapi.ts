/**
 * Writes `generated/examples.json`, what the server answers to the examples of its own document, and
 * `generated/openapi.json`, the document with them, from which the client is generated. `--check` fails when they are out of
 * date.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { openExampleServer } from './testing/example-city.ts'
import { type ApiDocument, exampleRequests } from './testing/example-requests.ts'

const target = (name: string): URL => new URL(`./generated/${name}`, import.meta.url)
const text = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

const server = await openExampleServer()
await server.app.ready()
const document = server.app.swagger() as ApiDocument
const examples: Record<string, { url: string; response: unknown }> = {}
for (const { operationId, url } of exampleRequests(document)) {
  const answer = await server.app.inject({ url })
  if (answer.statusCode !== 200) throw new Error(`${url}: ${answer.body}`)
  const response = answer.json()
  examples[operationId] = { url, response }
  for (const item of Object.values(document.paths ?? {}))
    if (item?.get?.operationId === operationId)
      item.get.responses!['200']!.content!['application/json']!.example = response
}
await server.close()

const files = { 'examples.json': text(examples), 'openapi.json': text(document) }
for (const [name, content] of Object.entries(files))
  if (!process.argv.includes('--check')) writeFileSync(target(name), content)
  else if (readFileSync(target(name), 'utf8') !== content) {
    console.error(`serving/api/generated/${name} is out of date: node serving/api/generate-openapi.ts`)
    process.exitCode = 1
  }
