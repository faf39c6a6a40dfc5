import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { openDatabase } from '@velocast/db'
import { letHelpersStepBack, takeShortSlices } from '@velocast/inference'
import { connectFromConfig, type ReceivedRecord } from '@velocast/kafka'
import { loadSystems, type Service } from '@velocast/runtime'
import { type ModelPromoted, type Topic, topics } from '@velocast/schemas'
import { createAdminActions } from './access/admin-actions.ts'
import { openAccess } from './access/open-access.ts'
import { applyRecord } from './apply-record.ts'
import { backendChecks } from './backend-checks.ts'
import { buildServer } from './build-server.ts'
import { apiConfig } from './config.ts'
import { followPast } from './follow-past.ts'
import { followRecords } from './follow-records.ts'
import { openReplica, type Replica } from './open-replica.ts'
import { createPredictor } from './predictor.ts'
import { createSystemRecords } from './system-records.ts'
import { createTelemetry } from './telemetry.ts'
import { warmUpAnswers } from './warm-up-answers.ts'
import { createBackendWatch } from './watch-backends.ts'
import { weatherKeptMs } from './weather-forecast-table.ts'

/** What takes longer to say that it is there is as good as away. */
const BACKEND_LIMIT_MS = 3_000

/**
 * The predictor. It answers as soon as the disk or the topics have given it a model and features, and goes on
 * answering whatever is down behind it.
 */
export const apiService: Service<typeof apiConfig> = {
  name: 'api',
  config: apiConfig,
  start: async ({
    config,
    log,
    clock,
    metrics,
    tracer,
    defer,
    addReadyCheck,
    addLiveCheck,
    signal,
    fail,
  }) => {
    letHelpersStepBack()
    await takeShortSlices()
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
    const opened = await Promise.all(
      systems.map((system) =>
        openReplica({
          system,
          replicaId,
          cacheFolder: config.CACHE_FOLDER,
          artifacts: { mlflowUrl: config.MLFLOW_TRACKING_URI },
          clock,
          telemetry,
          shadow:
            config.SHADOW_SECONDS > 0
              ? { seconds: config.SHADOW_SECONDS, share: config.SHADOW_SHARE }
              : undefined,
          publishActivated: (value) => publish(topics.modelActivated, value),
          publishRejected: (value) => publish(topics.modelRejected, value),
        }),
      ),
    )
    for (const replica of opened) {
      const { systemId } = replica.knowledge.system
      defer(`replica of ${systemId}`, replica.close)
      replicas.set(systemId, replica)
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
    const access = await openAccess({
      config,
      kafka,
      clock,
      monotonicNow: () => performance.now(),
      telemetry,
    })
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
      access.keys.follower,
      await followPast(kafka, [...replicas.values()], clock, apply),
      await followRecords(kafka, records, clock),
    ]
    for (const follower of followers) {
      defer('follower', follower.stop)
      follower.stopped.catch(fail)
    }
    addLiveCheck('topics', () => followers.map((each) => each.stalled()).find((problem) => problem) ?? null)

    const database = config.DATABASE_URL
      ? openDatabase({
          url: config.DATABASE_URL,
          log,
          applicationName: 'velocast-api',
          max: 1,
          statementTimeoutMs: BACKEND_LIMIT_MS,
          connectTimeoutMs: BACKEND_LIMIT_MS,
        })
      : null
    if (database) defer('database', database.close)
    const backends = createBackendWatch(
      backendChecks({
        database,
        kafka,
        mlflowUrl: config.MLFLOW_TRACKING_URI,
        registryUrl: config.SCHEMA_REGISTRY_URL,
      }),
      clock,
      BACKEND_LIMIT_MS,
    )
    void backends.checkAll()
    const checking = setInterval(() => void backends.checkAll(), config.BACKEND_CHECK_SECONDS * 1000)
    defer('backend checks', () => clearInterval(checking))

    const predictor = createPredictor(replicas, clock, config.STALE_AFTER_SECONDS * 1000, {
      onForecast: telemetry.forecastMade,
      tracer,
    })
    telemetry.watch([...replicas.values()], clock.now, () =>
      followers.reduce((sum, follower) => sum + follower.lag(), 0),
    )
    addReadyCheck('model and features', predictor.notReady)
    const admin = createAdminActions({
      replicas,
      kafka,
      mlflowUrl: config.MLFLOW_TRACKING_URI,
      replicaId,
      clock,
      newId: randomUUID,
      onAudited: (entry) => {
        telemetry.audited(entry)
        publish(topics.auditLog, entry)
      },
    })
    const app = await buildServer({
      predictor,
      metrics,
      telemetry,
      log,
      version: packageVersion(),
      access: access.server,
      admin,
      backends,
      records,
      answerCacheBytes: config.ANSWER_CACHE_MEGABYTES * 1024 * 1024,
    })
    await warmUpAnswers(predictor)
    defer('http server', () => app.close())
    defer('certificate', access.watchCertificate(app.server))
    const address = await app.listen({ host: config.API_HOST, port: config.API_PORT })
    log.info({ address, access: access.server.settings.isGuarded ? 'guarded' : 'open' }, 'API')
  },
}

const packageVersion = (): string =>
  JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')).version
