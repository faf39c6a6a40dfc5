import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { openTraceReceiver, silentLog } from '@velocast/testkit'
import { openTracer } from './open-tracer.ts'
import { carryTrace, type Traceparent } from './tracer.ts'

const open = (endpoint: string | undefined, sampledShare = 1) =>
  openTracer({ name: 'test', endpoint, sampledShare, log: silentLog })

test('a span links to what it follows from, and what is no traceparent is left out', async (context) => {
  const receiver = await openTraceReceiver()
  context.after(receiver.close)
  const { tracer, close } = await open(`${receiver.url}/`)
  const poll = await tracer.span('poll', { attributes: { system: 'a', stations: 3 } }, async (own) => own)
  assert.match(poll ?? '', /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  assert.deepEqual(carryTrace(poll), { traceparent: poll })
  const answer = await tracer.span('forecast', { links: [poll, null, undefined, 'nonsense'] }, async () => 7)
  assert.equal(answer, 7)
  await close()
  const [first, second] = receiver.spans()
  assert.deepEqual(
    [first?.service, first?.name, first?.attributes],
    ['velocast-test', 'poll', { system: 'a', stations: 3 }],
  )
  assert.deepEqual(second?.links, [{ traceId: first?.traceId, spanId: first?.spanId }])
  assert.notEqual(second?.traceId, first?.traceId)
})

test('work that rejects rejects, and its span has failed', async (context) => {
  const receiver = await openTraceReceiver()
  context.after(receiver.close)
  const { tracer, close } = await open(receiver.url)
  const failing = tracer.span('poll', {}, async () => {
    throw new Error('no')
  })
  await assert.rejects(failing, /no/)
  await close()
  assert.deepEqual(
    receiver.spans().map(({ hasFailed }) => hasFailed),
    [true],
  )
})

test('what is not sampled is not sent, and still has a place to be linked to', async (context) => {
  const receiver = await openTraceReceiver()
  context.after(receiver.close)
  const { tracer, close } = await open(receiver.url, 0)
  const own = await tracer.span('poll', {}, async (place) => place)
  assert.match(own ?? '', /-00$/)
  await close()
  assert.deepEqual(receiver.spans(), [])
})

test('a collector that is away holds up neither the work nor the end', async () => {
  const { tracer, close } = await open('http://127.0.0.1:9')
  assert.equal(await tracer.span('poll', {}, async () => 1), 1)
  const began = performance.now()
  await close()
  assert.ok(performance.now() - began < 10_000)
})

test('without a collector there is no span, no header, and no SDK in memory', async () => {
  const { tracer, close } = await open(undefined)
  const own: Traceparent | null = await tracer.span('poll', {}, async (place) => place)
  assert.equal(own, null)
  assert.equal(carryTrace(own), undefined)
  await close()
  // prom-client loads the API, which is types and stubs.
  const script = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context) } })
    const { openTracer } = await import(${JSON.stringify(import.meta.resolve('./index.ts'))})
    await openTracer({ name: 'test', endpoint: undefined, sampledShare: 1, log: null })
    console.log(JSON.stringify(loaded.filter((url) => /opentelemetry.(?!api)/.test(url))), loaded.length > 5)`
  const node = promisify(execFile)(process.execPath, ['--no-warnings', '--input-type=module', '-e', script])
  assert.equal((await node).stdout.trim(), '[] true')
})
