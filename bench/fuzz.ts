/**
 * Asks the API what its own document allows and what it does not: schemathesis makes cases of every operation of
 * openapi.json, and no answer may be a 5xx, of a status, type or header that is not documented, or not fit its schema.
 *
 *   node bench/fuzz.ts [--json] [--cases 1200] [--seed 1]
 *
 * `--cases` are of each operation at most. The server is the one that the document's examples come from: three stations and a
 * model in memory. Event streams never end and are left out; tests of their own hold them. It ends with 1 where anything
 * was found. The fuzzer has a Python environment of its own.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openExampleServer } from '@velocast/api/testing/example-city'
import { installPythonEnvironment } from '@velocast/local-stack'

const { values: args } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    cases: { type: 'string', default: '1200' },
    seed: { type: 'string', default: '1' },
  },
})
const PROGRESS_EVERY_MS = 15_000
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
]

const environment = await installPythonEnvironment({
  name: 'fuzz',
  requirementsFile: join(import.meta.dirname, 'fuzz', 'requirements.lock'),
})
const server = await openExampleServer()
let answered = 0
let serverErrors = 0
server.app.addHook('onResponse', async (_request, reply) => {
  answered++
  if (reply.statusCode >= 500) serverErrors++
})
const began = performance.now()
// The fuzzer itself says nothing before its end, many minutes later.
const progress = setInterval(() => {
  const seconds = Math.round((performance.now() - began) / 1000)
  process.stderr.write(`  ${answered} requests, ${serverErrors} answered with 5xx, ${seconds} s\n`)
}, PROGRESS_EVERY_MS)
const address = await server.app.listen({ port: 0, host: '127.0.0.1' })
const options = [
  ...['--checks', checks.join(',')],
  ...['--max-examples', args.cases],
  ...['--seed', args.seed],
  ...['--exclude-path-regex', '/events$'],
  ...['--phases', 'examples,coverage,fuzzing'],
  '--no-color',
  '--continue-on-failure',
]
// It keeps notes of its own in the folder that it runs in.
const folder = await mkdtemp(join(tmpdir(), 'velocast-fuzz-'))
const child = spawn(
  join(environment, 'bin', 'schemathesis'),
  ['run', `${address}/openapi.json`, ...options],
  {
    cwd: folder,
    stdio: ['ignore', args.json ? 'ignore' : 'inherit', 'inherit'],
  },
)
const code = await new Promise<number>((resolve, reject) => {
  child.once('error', reject)
  child.once('exit', (exitCode) => resolve(exitCode ?? 1))
})
clearInterval(progress)
await server.close()
await rm(folder, { recursive: true })
const result = { name: 'fuzz', cases: answered, serverErrors, passed: code === 0 }
if (args.json) console.log(JSON.stringify(result))
else
  console.log(
    `${answered} requests, ${serverErrors} answered with 5xx: ${code === 0 ? 'nothing found' : 'found'}`,
  )
process.exitCode = code === 0 ? 0 : 1
