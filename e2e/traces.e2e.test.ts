/** A forecast is followed back to the poll whose reading it is made from, through every process and topic between. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type MadeBundle, makeBundle } from '@velocast/inference/testing'
import { topics } from '@velocast/schemas'
import { openTraceReceiver, type ReceivedSpan, type TraceReceiver, waitFor } from '@velocast/testkit'
import { askForecast } from './ask-forecast.ts'
import { readLog } from './read-log.ts'
import { type BundleServer, serveBundles } from './serve-bundles.ts'
import { type City, startCity } from './start-city.ts'

describe('with a collector of traces', () => {
  let receiver: TraceReceiver
  let city: City
  let bundles: BundleServer

  before(async () => {
    receiver = await openTraceReceiver()
    city = await startCity({
      stations: 4,
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, POLL_EVERY_SECONDS: '1' },
    })
    const bundle = makeBundle({ seed: 1, systemId: city.system.systemId })
    bundles = await serveBundles({ one: bundle })
    await promote(bundle)
    await Promise.all((['features', 'api', 'producers'] as const).map(city.start))
  })
  after(async () => {
    await city?.close()
    await bundles?.close()
    await receiver?.close()
  })

  const promote = async (bundle: MadeBundle): Promise<void> => {
    const producer = await city.broker.kafka.openProducer()
    const value = {
      systemId: city.system.systemId,
      modelName: city.system.modelName,
      modelVersion: '1',
      runId: null,
      triggerId: null,
      promotedAt: Date.now(),
      artifactUri: bundles.uriOf('one'),
      manifestSha256: bundle.manifestSha256,
      features: [...bundle.manifest.features],
      fingerprint: bundle.manifest.fingerprint,
      previousVersion: null,
      reason: 'test',
      metrics: {},
    }
    await producer.send([{ topic: topics.modelPromoted, value }])
    await producer.close()
  }

  const stationId = async (): Promise<string> => {
    const [record] = await waitFor(
      async () => {
        const records = await readLog(city.broker.kafka, topics.stationFeatures)
        return records.length > 0 ? records : null
      },
      { everyMs: 500, what: 'a vector is in the log' },
    )
    return record!.value.stationId
  }

  test("a forecast's span links to the span of the poll", async () => {
    const station = await stationId()
    await waitFor(() => askForecast(city, station).catch(() => null), {
      everyMs: 200,
      what: 'a forecast',
    })
    const [forecast, poll] = await waitFor(
      (): [ReceivedSpan, ReceivedSpan] | null => {
        const spans = receiver.spans()
        const answered = spans.findLast(({ name, links }) => name === 'forecast' && links.length > 0)
        const linked = spans.find(({ spanId }) => spanId === answered?.links[0]?.spanId)
        return answered && linked ? [answered, linked] : null
      },
      { what: 'both spans have been sent' },
    )
    assert.equal(forecast.service, 'velocast-api')
    assert.equal(forecast.attributes['velocast.station'], station)
    assert.deepEqual([poll.service, poll.name], ['velocast-producers', 'poll stations'])
    assert.equal(poll.traceId, forecast.links[0]?.traceId)
    assert.notEqual(poll.traceId, forecast.traceId)
  })
})
