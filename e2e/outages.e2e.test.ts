/**
 * Broker, registry, database and MLflow each go away for 20 s in the middle of work, each alone, with live polls every second
 * and a forecast asked for every 50 ms: no process needs a hand, no request fails, nothing is lost and nothing is there twice,
 * and what the data is worth goes on being judged.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { makeBundle } from '@velocast/inference/testing'
import type { TopicProducer } from '@velocast/kafka'
import { backfillPolls } from '@velocast/producers'
import { systemClock } from '@velocast/runtime'
import { type FeedPoll, type ModelPromoted, type StationStatus, topics } from '@velocast/schemas'
import { AS_OF_HEADER, createSimulatedClock } from '@velocast/simulator'
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
import { type AskingReport, keepAsking } from './keep-asking.ts'
import { readLog } from './read-log.ts'
import { type BundleServer, serveBundles } from './serve-bundles.ts'
import { type City, type CityService, startCity } from './start-city.ts'
import { takeAway } from './take-away.ts'

const STATIONS = 12
const HOUR_MS = 60 * 60_000
const HISTORY_MS = 16 * 24 * HOUR_MS
/**
 * The operator publishes once a minute; on a clock that runs 60 times as fast every poll has something new. It begins so
 * long ago that it does not reach the present moment before the test's own deadline: what an operator says of the future is
 * taken for the moment of the poll, and could not be asked for again.
 */
const OPERATOR_SPEED = 60
const DEADLINE_MS = 900_000
const OPERATOR_STARTS_BEFORE_MS = OPERATOR_SPEED * DEADLINE_MS
/** By the quality processor at every poll, and by the check of features every 5 s. */
const JUDGED_ALWAYS = ['rejected-stations', 'feature-parity'] as const

describe('servers that go away for 20 s', { timeout: DEADLINE_MS }, () => {
  const liveFrom = Date.now()
  const clock = createSimulatedClock({
    speed: OPERATOR_SPEED,
    startAt: liveFrom - OPERATOR_STARTS_BEFORE_MS,
  })
  const bundle = makeBundle()
  let city: City
  let producer: TopicProducer
  let models: ModelEvents
  let bundles: BundleServer
  let firstPromotion: ModelPromoted
  let asking: { stop: () => Promise<AskingReport> }
  let pids: ReadonlyMap<CityService, number>

  before(async () => {
    city = await startCity({
      stations: STATIONS,
      clock,
      // By the real clock what this operator says is hours old, and where its clock shows night nothing has moved since.
      quality: { 'feed-age': { isOff: true }, 'feed-frozen': { isOff: true } },
      env: {
        MAX_ROWS: '12000',
        TREES: '12',
        BOOSTERS: 'lightgbm',
        POLL_EVERY_SECONDS: '1',
        CHECK_EVERY_SECONDS: '5',
        CHECK_WINDOW_MINUTES: '1',
        CHECK_DELAY_MINUTES: '0',
      },
    })
    const { broker, system } = city
    ;[producer, models, bundles] = await Promise.all([
      broker.kafka.openProducer(),
      followModelEvents(broker.kafka),
      serveBundles({ bundle }),
    ])
    const to = clock.now()
    const history = { system, from: to - HISTORY_MS, to, kafka: broker.kafka, fetch, clock: systemClock }
    await Promise.all([
      ...(['features', 'quality', 'sink', 'training', 'api'] as const).map(city.start),
      backfillPolls(history),
    ])
    firstPromotion = {
      systemId: system.systemId,
      modelName: system.modelName,
      modelVersion: 'made-by-the-test',
      runId: null,
      triggerId: null,
      promotedAt: Date.now(),
      artifactUri: bundles.uriOf('bundle'),
      manifestSha256: bundle.manifestSha256,
      features: bundle.manifest.features,
      fingerprint: bundle.manifest.fingerprint,
      previousVersion: null,
      reason: 'the first',
      metrics: {},
    }
    await producer.send([{ topic: topics.modelPromoted, value: firstPromotion }])
    await Promise.all([city.start('producers'), city.start('feature-check')])
    await models.activationOf(firstPromotion)
    const known = await readLog(broker.kafka, topics.stationInformation)
    const stationIds = known.map(({ value }) => value.stationId)
    for (const stationId of stationIds)
      await waitFor(() => askForecast(city, stationId), { what: 'a first forecast' })
    // The history has been worked through: what is late from here on is so because of what is away.
    await forecastsMoveOn()
    asking = keepAsking(city, stationIds)
    pids = new Map([...city.services].map(([name, { pid }]) => [name, pid]))
  })
  after(async () => {
    await asking?.stop()
    await bundles?.close()
    await models?.stop()
    await producer?.close()
    await city?.close()
  })

  const recovered = async (): Promise<void> => {
    const since = clock.now()
    const realSince = Date.now()
    for (const [name, service] of city.services) {
      const { address } = service.events().find(({ msg }) => msg === 'metrics and health')!
      await waitFor(async () => (await fetch(`${address}/health/ready`)).ok, {
        what: `${name} is ready again`,
      })
    }
    await waitFor(async () => (await newestInTable()) > since, {
      what: 'the table holds features of what was reported afterwards',
    })
    for (const rule of JUDGED_ALWAYS)
      await waitFor(async () => (await newestVerdict(rule)) > realSince, {
        what: `the table holds a verdict by ${rule} on what was polled afterwards`,
      })
  }

  const newestVerdict = async (rule: string): Promise<number> => {
    const { rows } = await city.tables.database.query<{ newest: number | null }>(
      'select max(checked_at) as newest from data_quality where rule = $1 and station_id is null',
      [rule],
    )
    return rows[0]?.newest ?? 0
  }

  const newestInTable = async (): Promise<number> => {
    const { rows } = await city.tables.database.query<{ newest: number }>(
      'select max(as_of) as newest from station_features',
    )
    return rows[0]!.newest
  }

  const newestForecast = async (): Promise<number> => {
    const { systems } = (await (await fetch(`${city.apiAddress()}/v1/systems`)).json()) as {
      systems: { as_of: string }[]
    }
    return Date.parse(systems[0]!.as_of)
  }

  /** While a server is away that forecasts do not need, they go on to hold what is reported now. */
  const forecastsMoveOn = async (): Promise<void> => {
    const since = clock.now()
    await waitFor(async () => (await newestForecast()) > since, {
      what: 'forecasts hold what has been reported since',
    })
  }

  const trigger = async (name: string): Promise<string> => {
    const { systemId } = city.system
    const triggeredAt = Date.now()
    // MLflow outlives the test, and the trainer knows its own model again by the trigger.
    const triggerId = `${systemId}:${name}:${triggeredAt}`
    const value = {
      systemId,
      triggerId,
      cause: 'MANUAL',
      triggeredAt,
      policy: 'ALWAYS',
      requestedBy: 'the test',
      evidence: {},
    } as const
    await producer.send([{ topic: topics.trainingTriggers, value }])
    return triggerId
  }

  test('the registry: what its topic holds for the first time is written once it is back', async () => {
    const wrong = {
      ...firstPromotion,
      modelVersion: 'wrong',
      promotedAt: Date.now(),
      manifestSha256: '0'.repeat(64),
    }
    await takeAway(['registry'], 'SIGTERM', async () => {
      // Its refusal is the first record of its topic that the API writes: the schema cannot be asked for now.
      await producer.send([{ topic: topics.modelPromoted, value: wrong }])
      await forecastsMoveOn()
    })
    assert.equal((await models.rejectionOf(wrong)).reason, 'CHECKSUM')
    await recovered()
  })

  test('MLflow, in the middle of a training: its model is promoted and serves once it is back', async () => {
    const triggerId = await trigger('while-mlflow-is-away')
    const training = city.services.get('training')!
    await waitFor(() => training.events().some(({ child }) => child === 'trainer'), {
      what: 'a model is being fitted',
      lines: training.lines,
    })
    await takeAway(['mlflow'], 'SIGTERM', async () => {
      await forecastsMoveOn()
      assert.ok(!models.isPromoted(triggerId), 'it was over before')
    })
    const promoted = await models.promotionOf(triggerId)
    await models.activationOf(promoted)
    await recovered()
  })

  test('the broker, killed', async () => {
    await takeAway(['kafka'], 'SIGKILL')
    await recovered()
  })

  test('the database, killed: forecasts move on meanwhile', async () => {
    await takeAway(['postgres'], 'SIGKILL', () => forecastsMoveOn())
    await recovered()
    // Both keep what they know in the database.
    const { registryUrl, mlflowUrl } = testStack()
    for (const address of [`${registryUrl}/subjects`, `${mlflowUrl}/api/2.0/mlflow/registered-models/search`])
      await waitFor(async () => (await fetch(address)).ok, {
        what: `${address} answers again`,
      })
  })

  test('no process has ended, and no request has failed', async () => {
    for (const [name, service] of city.services) {
      assert.ok(service.isRunning(), `${name} ended: ${service.lines().slice(-5).join('\n')}`)
      assert.equal(service.pid, pids.get(name))
    }
    const report = await asking.stop()
    console.log(`${report.asked} forecasts asked for, the slowest took ${Math.round(report.slowestMs)} ms`)
    assert.deepEqual(report.failures, [])
    assert.ok(report.asked > 60_000 / 100, `${report.asked} requests`)
  })

  test('nothing is lost and nothing is there twice', async () => {
    const { broker, tables, system, simulator } = city
    // The last poll is closed: what is compared stands still.
    await city.services.get('producers')!.kill('SIGTERM')
    await city.caughtUp()
    const [polls, statuses, weather, features] = await Promise.all([
      readLog(broker.kafka, topics.feedPolls),
      readLog(broker.kafka, topics.stationStatus),
      readLog(broker.kafka, topics.weatherObservations),
      readLog(broker.kafka, topics.stationFeatures),
    ])
    const log = statuses.map(({ value }) => value)
    const livePolls = polls
      .map(({ value }) => value)
      .filter(
        ({ feed, polledAt, outcome }) =>
          feed === 'station_status' && polledAt >= liveFrom && outcome === 'PUBLISHED',
      )
    assert.ok(livePolls.length > 60, `${livePolls.length} polls`)
    const live = log.filter(({ polledAt }) => polledAt >= liveFrom)
    const answered = await Promise.all(livePolls.map((poll) => countsAnswered(simulator.address, poll)))
    assert.deepEqual(new Set(live.map(countOf)), new Set(answered.flat()))

    const computed = computeVectors(
      system,
      log,
      weather.map(({ value }) => value),
    )
    assert.deepEqual(differencesOf(statusRowsOf(log), await statusRowsInTable(tables, system)), [])
    assert.deepEqual(differencesOf(computed, vectorsOf(features.map(({ value }) => value))), [])
    assert.deepEqual(differencesOf(computed, await vectorsInTable(tables, system)), [])
    const judged = await readLog(broker.kafka, topics.dataQuality)
    const parity = judged.map(({ value }) => value).filter(({ rule }) => rule === 'feature-parity')
    assert.deepEqual(
      parity.filter(({ status }) => status === 'FAIL').map(({ detail }) => detail),
      [],
    )
    assert.ok(
      parity.some(({ status }) => status === 'PASS'),
      'vectors were compared, and all of them were in the table',
    )
    assert.deepEqual(await broker.readRaw('station-status.dlq'), [])
    assert.deepEqual(await broker.readRaw('station-features.dlq'), [])
  })
})

/** What the operator's document of a poll says of each station's bikes, asked for once more. */
const countsAnswered = async (simulator: string, poll: FeedPoll): Promise<string[]> => {
  const { feedUpdatedAt, polledAt } = poll
  const response = await fetch(`${simulator}/gbfs/en/station_status.json`, {
    headers: { [AS_OF_HEADER]: new Date(feedUpdatedAt!).toISOString() },
  })
  const { data } = (await response.json()) as {
    data: { stations: { station_id: string; num_bikes_available: number }[] }
  }
  return data.stations.map(({ station_id: stationId, num_bikes_available: bikes }) =>
    countOf({ stationId, observedAt: feedUpdatedAt!, polledAt, bikes }),
  )
}

const countOf = ({
  stationId,
  observedAt,
  polledAt,
  bikes,
}: Pick<StationStatus, 'stationId' | 'observedAt' | 'polledAt' | 'bikes'>): string =>
  `${stationId} had ${bikes} bikes at ${new Date(observedAt).toISOString()}, polled at ${new Date(polledAt).toISOString()}`
