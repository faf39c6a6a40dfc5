import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createCalendar, createSystemPast, forecastAsOf, vectorFeatureNames } from '@velocast/features'
import { type Bundle, fetchArtifact, forecastStation, openBundle } from '@velocast/inference'
import { type MadeBundle, makeBundle } from '@velocast/inference/testing'
import type { TopicProducer } from '@velocast/kafka'
import { backfillPolls } from '@velocast/producers'
import { systemClock } from '@velocast/runtime'
import {
  type ModelPromoted,
  type StationStatus,
  type StationVector,
  type Topic,
  topics,
} from '@velocast/schemas'
import { testStack, waitFor } from '@velocast/testkit'
import { askForecast } from './ask-forecast.ts'
import {
  computeVectors,
  differencesOf,
  statusRowsInTable,
  statusRowsOf,
  vectorsInTable,
  vectorsOf,
} from './city-rows.ts'
import { followModelEvents, type ModelEvents } from './follow-model-events.ts'
import { readLog } from './read-log.ts'
import { type BundleServer, serveBundles } from './serve-bundles.ts'
import { type City, startCity } from './start-city.ts'

const STATIONS = 12
const DAY_MS = 24 * 60 * 60_000
const HISTORY_MS = 16 * DAY_MS

describe('a reading goes in, a forecast comes out', () => {
  let city: City
  let producer: TopicProducer
  let models: ModelEvents
  let promoted: ModelPromoted

  before(async () => {
    city = await startCity({
      stations: STATIONS,
      env: { MAX_ROWS: '12000', TREES: '12', POLL_EVERY_SECONDS: '1' },
    })
    const { broker, system } = city
    ;[producer, models] = await Promise.all([broker.kafka.openProducer(), followModelEvents(broker.kafka)])
    const now = Date.now()
    await Promise.all([
      ...(['features', 'sink', 'training', 'api'] as const).map(city.start),
      backfillPolls({
        system,
        from: now - HISTORY_MS,
        to: now,
        kafka: broker.kafka,
        fetch,
        clock: systemClock,
      }),
    ])
    await city.start('producers')
  })
  after(async () => {
    await models?.stop()
    await producer?.close()
    await city?.close()
  })

  /** Nothing new is reported from here on, so that what is compared stands still. */
  const standStill = async (): Promise<void> => {
    city.simulator.setFault({ feed: 'frozen' })
    await city.caughtUp()
  }

  const send = <T>(topic: Topic<T>, value: T): Promise<void> => producer.send([{ topic, value }])

  const newestVectorOf = async (stationId: string): Promise<StationVector> => {
    const records = await readLog(city.broker.kafka, topics.stationFeatures)
    return records.map(({ value }) => value).findLast((vector) => vector.stationId === stationId)!
  }

  test('a trigger ends in a promoted model that the API has activated', async (context) => {
    await city.caughtUp()
    const { systemId } = city.system
    const triggeredAt = Date.now()
    // MLflow outlives the test, and the trainer knows its own model again by the trigger.
    const triggerId = `${systemId}:pipeline:${triggeredAt}`
    await send(topics.trainingTriggers, {
      systemId,
      triggerId,
      cause: 'MANUAL',
      triggeredAt,
      policy: 'IF_BETTER',
      requestedBy: 'the test',
      evidence: {},
    })
    promoted = await models.promotionOf(triggerId)
    const activated = await models.activationOf(promoted)
    context.diagnostic(`activated ${activated.activatedAt - promoted.promotedAt} ms after the promotion`)
    const response = await fetch(`${city.apiAddress()}/v1/model`)
    const model = (await response.json()) as { manifest_sha256: string }
    assert.equal(model.manifest_sha256, promoted.manifestSha256)
  })

  test('topics, tables and the library agree on every status and every vector, bit for bit', async () => {
    await standStill()
    const { broker, tables, system } = city
    const [statuses, weather, features] = await Promise.all([
      readLog(broker.kafka, topics.stationStatus),
      readLog(broker.kafka, topics.weatherObservations),
      readLog(broker.kafka, topics.stationFeatures),
    ])
    const log = statuses.map(({ value }) => value)
    const computed = computeVectors(
      system,
      log,
      weather.map(({ value }) => value),
    )
    assert.ok(computed.size > 0.9 * STATIONS * (HISTORY_MS / 900_000), `${computed.size} vectors`)
    assert.deepEqual(differencesOf(computed, vectorsOf(features.map(({ value }) => value))), [])
    assert.deepEqual(differencesOf(computed, await vectorsInTable(tables, system)), [])
    assert.deepEqual(differencesOf(statusRowsOf(log), await statusRowsInTable(tables, system)), [])
  })

  describe('the forecast over HTTP', () => {
    let bundle: Bundle
    before(async () => {
      const opened = await openBundle({
        manifestSha256: promoted.manifestSha256,
        read: (path) =>
          fetchArtifact(promoted.artifactUri, path, AbortSignal.timeout(180_000), {
            mlflowUrl: testStack().mlflowUrl,
          }),
      })
      assert.ok(opened.ok, JSON.stringify(opened))
      bundle = opened.bundle
    })
    after(() => bundle?.release())

    test('is what the promoted bundle says of the vector in the log', async () => {
      const { broker, system } = city
      const features = await readLog(broker.kafka, topics.stationFeatures)
      const newest = new Map(features.map(({ value }) => [value.stationId, value]))
      assert.equal(newest.size, STATIONS)
      const forecasts = await readLog(broker.kafka, topics.weatherForecasts)
      const calendar = createCalendar(system)
      const past = createSystemPast()
      for (const { value } of await readLog(broker.kafka, topics.stationStatus))
        past.put(value.stationId, value.observedAt, value.bikes)
      for (const { stationId, vector } of newest.values()) {
        const [latitude, longitude, capacity] = ['latitude', 'longitude', 'capacity'].map(
          (name) => vector[vectorFeatureNames.indexOf(name)]!,
        ) as [number, number, number]
        past.place(stationId, latitude, longitude, capacity)
      }
      for (const { stationId, vector, asOf } of newest.values()) {
        const answer = await askForecast(city, stationId)
        assert.equal(answer.as_of, new Date(asOf).toISOString())
        assert.equal(answer.model.version, promoted.modelVersion)
        const values = await forecastStation({
          bundle,
          vector,
          asOf,
          capacity: vector[vectorFeatureNames.indexOf('capacity')]!,
          targets: answer.forecasts.map(({ target_at }) => Date.parse(target_at)),
          weatherForecast: forecastAsOf(
            forecasts.map(({ value }) => value),
            asOf,
          ),
          calendar,
          past: past.of(stationId),
        })
        assert.equal(answer.forecasts.length, 24)
        for (const [index, point] of answer.forecasts.entries()) {
          const at = (list: readonly number[]): number => roundedAsServed(list[index]!)
          assert.deepEqual(
            {
              ...point.bikes,
              dock: point.dock_probability,
              bike: point.bike_probability,
              out: point.departures,
            },
            {
              mean: at(values.bikes_mean),
              q05: at(values.bikes_q05),
              q50: at(values.bikes_q50),
              q95: at(values.bikes_q95),
              dock: at(values.p_dock),
              bike: at(values.p_bike),
              out: at(values.departures_mean),
            },
            `${stationId} at ${point.target_at}`,
          )
        }
      }
    })
  })

  test('poisoned records are dead-lettered with their reasons, and the next record becomes a forecast', async () => {
    const { broker, tables, system } = city
    const [log, letters] = await Promise.all([
      readLog(broker.kafka, topics.stationStatus),
      broker.readRaw('station-status.dlq'),
    ])
    assert.deepEqual(letters, [])
    const { value: known, partition } = log.at(-1)!
    const { stationId } = known
    const key = `${system.systemId}/${stationId}`
    const later = (byMs: number): StationStatus => {
      const observedAt = known.observedAt + byMs
      return { ...known, observedAt, polledAt: Math.max(known.polledAt, observedAt) }
    }
    await broker.writeRaw('station-status', [
      { partition, key, value: 'this is not Avro' },
      { partition, key, value: Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 1]) },
    ])
    await send(topics.stationStatus, { ...later(1), bikes: -3 })
    await send(topics.stationStatus, later(2))

    const asOf = new Date(known.observedAt + 2).toISOString()
    await waitFor(async () => (await askForecast(city, stationId)).as_of === asOf, {
      what: `a forecast as of ${asOf}`,
    })
    await city.caughtUp()
    const refused = await broker.readRaw('station-status.dlq')
    assert.deepEqual(
      refused.map(({ headers }) => `${headers['velocast-consumer']}: ${headers['velocast-reason']}`).sort(),
      [
        'features: impossible-numbers',
        'features: not-avro',
        'features: unknown-schema',
        'timescale-sink.station-status: invalid',
        'timescale-sink.station-status: not-avro',
        'timescale-sink.station-status: unknown-schema',
      ],
    )
    for (const letter of refused) {
      assert.equal(letter.key, key)
      assert.ok(letter.headers['velocast-detail'])
    }
    assert.ok(refused.some(({ value }) => value?.toString() === 'this is not Avro'))
    const { rows } = await tables.database.query<{ observed_at: number }>(
      'select observed_at from station_status where station_id = $1 and observed_at >= $2 order by 1',
      [stationId, new Date(known.observedAt)],
    )
    assert.deepEqual(
      rows.map((row) => row.observed_at - known.observedAt),
      [0, 2],
    )
    const vector = await newestVectorOf(stationId)
    assert.equal(vector.asOf, known.observedAt + 2)
  })

  describe('a model that is not what was promoted', () => {
    const bundles = {
      good: makeBundle(),
      fingerprint: makeBundle({
        spoil: ({ manifest }) => {
          manifest.fingerprint = 'f'.repeat(64)
        },
      }),
      golden: makeBundle({ golden: makeBundle({ seed: 2 }).files.get('golden.json')! }),
    } satisfies Record<string, MadeBundle>
    let server: BundleServer
    before(async () => {
      server = await serveBundles(bundles)
    })
    after(() => server.close())

    for (const { reason, name, manifestSha256 } of [
      { reason: 'CHECKSUM', name: 'good', manifestSha256: '0'.repeat(64) },
      { reason: 'FINGERPRINT', name: 'fingerprint', manifestSha256: bundles.fingerprint.manifestSha256 },
      { reason: 'GOLDEN_ROWS', name: 'golden', manifestSha256: bundles.golden.manifestSha256 },
    ])
      test(`is refused for its ${reason}, and the old one goes on answering`, async () => {
        const wrong: ModelPromoted = {
          ...promoted,
          modelVersion: `wrong-${reason}`,
          promotedAt: Date.now(),
          artifactUri: server.uriOf(name),
          manifestSha256,
        }
        await send(topics.modelPromoted, wrong)
        const rejected = await models.rejectionOf(wrong)
        assert.equal(rejected.reason, reason)
        assert.ok(rejected.detail)
        const [station] = (await readLog(city.broker.kafka, topics.stationInformation)).map(
          ({ value }) => value.stationId,
        )
        assert.equal((await askForecast(city, station!)).model.version, promoted.modelVersion)
      })
  })

  test('every process is still the one that was started, and ends with 0 when asked', async () => {
    for (const [name, service] of city.services) {
      assert.ok(service.isRunning(), `${name} ended: ${service.lines().slice(-5).join('\n')}`)
      assert.equal(await service.kill('SIGTERM'), 0, name)
    }
  })
})

/** The API's answers have four decimals. */
const roundedAsServed = (value: number): number => Math.round(value * 10_000) / 10_000
