import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { connectFromConfig, type ReceivedRecord } from '@velocast/kafka'
import { loadSystems, type Service } from '@velocast/runtime'
import { type ModelPromoted, type Topic, topics } from '@velocast/schemas'
import { applyRecord } from './apply-record.ts'
import { buildServer } from './build-server.ts'
import { apiConfig } from './config.ts'
import { followPast } from './follow-past.ts'
import { followRecords } from './follow-records.ts'
import { openReplica, type Replica } from './open-replica.ts'
import { createPredictor } from './predictor.ts'
import { createSystemRecords } from './system-records.ts'
import { createTelemetry } from './telemetry.ts'
import { weatherKeptMs } from './weather-forecast-table.ts'

/**
 * The predictor. It answers as soon as the disk or the topics have given it a model and features, and goes on
 * answering whatever is down behind it.
 */
export const apiService: Service<typeof apiConfig> = {
  name: 'api',
  config: apiConfig,
  start: async ({ config, log, clock, metrics, defer, addReadyCheck, addLiveCheck, signal, fail }) => {
    const telemetry = createTelemetry(log, metrics)
    const systems = loadSystems(config.SYSTEMS_FILE)
    const systemIds = systems.map((system) => system.systemId)
    const replicaId = config.REPLICA_ID ?? `${hostname()}:${config.API_PORT}`
    const kafka = connectFromConfig(config, { clientId: `velocast-api-${replicaId}`, clock, log })
    defer('kafka', kafka.close)
    const producer = await kafka.openProducer()
    defer('producer', producer.close)
    /** Events wait for the broker as long as it takes; nothing waits for them. */
    const publish = <T>(topic: Topic<T>, value: T): void => {
      producer.send([{ topic, value }], { signal }).catch((error) => {
        if (!signal.aborted) fail(error)
      })
    }

    const replicas = new Map<string, Replica>()
    for (const system of systems) {
      const replica = await openReplica({
        system,
        replicaId,
        cacheFolder: config.CACHE_FOLDER,
        artifacts: { mlflowUrl: config.MLFLOW_TRACKING_URI },
        clock,
        telemetry,
        publishActivated: (value) => publish(topics.modelActivated, value),
        publishRejected: (value) => publish(topics.modelRejected, value),
      })
      defer(`replica of ${system.systemId}`, replica.close)
      replicas.set(system.systemId, replica)
    }
    const timer = setInterval(() => {
      for (const replica of replicas.values()) void replica.writeSnapshot()
    }, config.SNAPSHOT_SECONDS * 1000)
    defer('snapshots', () => clearInterval(timer))

    const records = new Map(systemIds.map((systemId) => [systemId, createSystemRecords()]))
    // Of the promotions that were there before this start only the newest is acted upon, so they are held back.
    let promotionsAtStart: Map<string, ModelPromoted> | null = new Map()
    const promote = (promotion: ModelPromoted): void => replicas.get(promotion.systemId)?.promote(promotion)
    const promotions = await kafka.follow({
      topics: [topics.modelPromoted],
      from: 'beginning',
      systemIds,
      onRecords: (received) => {
        for (const { key, topic, value } of received) {
          records.get(value.systemId)?.take(topic.name, value)
          if (promotionsAtStart) promotionsAtStart.set(key, value)
          else promote(value)
        }
      },
    })
    promotions.caughtUp.then(() => {
      for (const promotion of promotionsAtStart?.values() ?? []) promote(promotion)
      promotionsAtStart = null
    }, fail)
    const apply = {
      systemIds,
      onRecords: (received: readonly ReceivedRecord[]) => {
        for (const record of received) applyRecord(record, (systemId) => replicas.get(systemId)?.knowledge)
        telemetry.recordsApplied(received[0]?.topic.name ?? '', received.length)
      },
    }
    const followers = [
      promotions,
      await kafka.follow({
        topics: [topics.stationFeatures, topics.stationInformation],
        from: 'beginning',
        ...apply,
      }),
      await kafka.follow({
        topics: [topics.weatherForecasts],
        from: { atMs: clock.now() - weatherKeptMs },
        ...apply,
      }),
      await followPast(kafka, [...replicas.values()], clock, apply),
      await followRecords(kafka, records, clock),
    ]
    for (const follower of followers) {
      defer('follower', follower.stop)
      follower.stopped.catch(fail)
    }
    addLiveCheck('topics', () => followers.map((each) => each.stalled()).find((problem) => problem) ?? null)

    const predictor = createPredictor(replicas, clock, config.STALE_AFTER_SECONDS * 1000)
    telemetry.watch([...replicas.values()], clock.now, () =>
      followers.reduce((sum, follower) => sum + follower.lag(), 0),
    )
    addReadyCheck('model and features', predictor.notReady)
    const app = await buildServer({
      predictor,
      metrics,
      telemetry,
      log,
      version: packageVersion(),
      records,
      answerCacheBytes: config.ANSWER_CACHE_MEGABYTES * 1024 * 1024,
    })
    defer('http server', () => app.close())
    const address = await app.listen({ host: config.API_HOST, port: config.API_PORT })
    log.info({ address }, 'API')
  },
}

const packageVersion = (): string =>
  JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')).version
