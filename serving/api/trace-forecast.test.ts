import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReceivedRecord } from '@velocast/kafka'
import { openTracer } from '@velocast/runtime'
import { topics } from '@velocast/schemas'
import { openTraceReceiver } from '@velocast/testkit'
import { applyRecord } from './apply-record.ts'
import { createKnowledge } from './knowledge.ts'
import type { ServingModel } from './load-model.ts'
import { createModelHolder } from './model-holder.ts'
import { createPredictor } from './predictor.ts'
import { hourMs, silentLog, testClock, testNow, testSystem, testVector } from './testing/test-city.ts'

const placeOf = (digit: string): string => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`

test('a forecast is a span that links to the poll of its vector, the newest one', async (context) => {
  const receiver = await openTraceReceiver()
  context.after(receiver.close)
  const { tracer, close } = await openTracer({
    name: 'api',
    endpoint: receiver.url,
    sampledShare: 1,
    log: silentLog,
  })
  const knowledge = createKnowledge(testSystem)
  const holder = createModelHolder<ServingModel>(async () => {})
  const system = { knowledge, holder }
  const predictor = createPredictor(new Map([[testSystem.systemId, system]]), testClock, hourMs, { tracer })
  const take = (asOf: number, traceparent?: string): void =>
    applyRecord(
      {
        topic: topics.stationFeatures,
        value: { systemId: testSystem.systemId, ...testVector('a', { asOf }) },
        headers: traceparent === undefined ? {} : { traceparent },
      } as unknown as ReceivedRecord,
      () => knowledge,
    )
  const ask = () => predictor.forecast(system, { stationId: 'a', targetsFrom: () => [testNow + hourMs] })

  take(testNow - 3_000, placeOf('1'))
  await ask()
  take(testNow - 2_000, placeOf('2'))
  take(testNow - 9_000, placeOf('3'))
  await ask()
  take(testNow - 1_000)
  await ask()
  await close()

  assert.deepEqual(
    receiver
      .spans()
      .map(({ name, links, attributes }) => [name, links.map(({ traceId }) => traceId[0]), attributes]),
    ['1', '2', null].map((digit) => [
      'forecast',
      digit === null ? [] : [digit],
      { 'velocast.system': 'test-city', 'velocast.station': 'a', 'velocast.kind': 'forecast' },
    ]),
  )
})
