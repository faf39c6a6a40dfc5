/**
 * Everything from a bare checkout to a forecast, and a change of models under load: the same servers, topics, services
 * and code as an installation, on a city that is simulated or a recording that is played back.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { connectKafka, type KafkaClient } from '@velocast/kafka'
import { SHORT_LIVED_BROKER } from '@velocast/local-stack'
import { backfillPolls } from '@velocast/producers'
import { createLogger, type System, systemClock } from '@velocast/runtime'
import { type PromotionPolicy, topics } from '@velocast/schemas'
import { createProcessGroup } from '../processes/process-group.ts'
import { prepareTopics } from '../setup/connect.ts'
import { closeStack, openStack } from '../stack/open-stack.ts'
import { presentForecast } from '../terminal/present-forecast.ts'
import type { Progress } from '../terminal/progress.ts'
import { requestTraining } from '../training/request-training.ts'
import { watchModels } from '../training/watch-models.ts'
import { isServing, simulatorEnvironment, systemOf } from './demo-city.ts'
import { DEMO_PARTITIONS, type DemoOptions, demoNames } from './demo-options.ts'
import { getJson } from './get-json.ts'
import { mostEventful } from './most-eventful.ts'
import { prepareDatabase } from './prepare-database.ts'
import { sendRequests } from './send-requests.ts'

const DAY_MS = 24 * 60 * 60 * 1000
/** Of so many stations the most eventful one is shown. */
const SHOWN_FROM = 40

export interface DemoContext {
  options: DemoOptions
  progress: Progress
  /** Undone last-in-first-out when the demo ends, however it ends. */
  defer: (release: () => Promise<void>) => void
  signal: AbortSignal
}

export const runDemo = async ({ options, progress, defer, signal }: DemoContext): Promise<void> => {
  const startedAt = systemClock.now()
  const names = demoNames(options)
  const log = createLogger('demo', 'silent')
  await mkdir(names.folder, { recursive: true })

  process.env.VELOCAST_KAFKA_OPTS ??= SHORT_LIVED_BROKER
  const { env: stackEnv, isStartedHere } = await openStack(progress, signal)
  // Servers that ran before are somebody's who needs them.
  if (isStartedHere) defer(() => closeStack(progress))
  const processes = createProcessGroup({ logFolder: join(names.folder, 'logs') })
  defer(() => processes.stop())
  const whileHealthy = <T>(work: Promise<T>): Promise<T> =>
    Promise.race([work, processes.failed, aborted(signal)])

  const kafka = connectKafka({
    brokers: stackEnv.KAFKA_BROKERS!.split(','),
    registryUrl: stackEnv.SCHEMA_REGISTRY_URL!,
    clientId: 'demo',
    topicPrefix: names.prefix,
    partitions: DEMO_PARTITIONS,
    clock: systemClock,
    log,
  })
  defer(() => kafka.close())

  // A recording is moved by whole weeks so that it ends now; an earlier run's history stays where it is.
  const weeksFile = join(names.folder, 'weeks-moved')
  const weeksMoved = await readFile(weeksFile, 'utf8').catch(() => null)
  const [databaseUrl, simulated] = await whileHealthy(
    progress.step('Topics, schemas, tables; the city', () =>
      Promise.all([
        prepareDatabase(stackEnv.DATABASE_URL!, names.database),
        processes
          .start('simulator', simulatorEnvironment(options, weeksMoved))
          .then((service) => service.said(isServing)),
        prepareTopics(kafka),
      ]),
    ),
  )
  if (typeof simulated.weeksMoved === 'number') await writeFile(weeksFile, String(simulated.weeksMoved))
  const system = systemOf(simulated)
  const systemsFile = join(names.folder, 'systems.json')
  await writeFile(systemsFile, JSON.stringify({ systems: [system] }, null, 2))
  const env = {
    ...stackEnv,
    DATABASE_URL: databaseUrl,
    KAFKA_TOPIC_PREFIX: names.prefix,
    KAFKA_PARTITIONS: String(DEMO_PARTITIONS),
    SYSTEMS_FILE: systemsFile,
    CACHE_FOLDER: join(names.folder, 'cache'),
    WORK_FOLDER: join(names.folder, 'training'),
    MAX_ROWS: String(options.maxRows),
    TREES: String(options.trees),
    API_PORT: String(options.apiPort),
    POLL_EVERY_SECONDS: String(options.pollEverySeconds),
  }
  await whileHealthy(
    progress.step('Services: features, quality, sink, training, API', () =>
      Promise.all([
        processes.start('features', env),
        processes.start('quality', env),
        processes.start('timescale-sink', env),
        processes.start('training', env),
        processes.start('api', env),
      ]),
    ),
  )

  await whileHealthy(
    progress.step(`History: ${options.historyDays} days of polls through the live path`, (step) =>
      backfillPolls({
        system,
        from: startedAt - options.historyDays * DAY_MS,
        to: startedAt,
        kafka,
        fetch,
        clock: systemClock,
        onProgress: ({ done, of, published }) => step.at(done / Math.max(1, of), `${published} observations`),
        signal,
      }),
    ),
  )
  const producers = processes.start('producers', env)
  await whileHealthy(
    progress.step('Features computed, rows in TimescaleDB', (step) => caughtUp(kafka, step.say, signal)),
  )
  await whileHealthy(producers)
  await whileHealthy(processes.start('feature-check', env))

  const models = await watchModels(kafka, system.systemId)
  defer(() => models.stop())
  const api = `http://127.0.0.1:${options.apiPort}`
  const stations = (await getJson(`${api}/v1/systems/${system.systemId}/stations`)) as {
    stations: { station_id: string }[]
  }
  const forecastOf = (stationId: string): string =>
    `${api}/v1/systems/${system.systemId}/stations/${encodeURIComponent(stationId)}/forecast?hours=24`

  const first = await whileHealthy(
    progress.step('First model: data set, fit, ONNX parity, registry, promotion', async () => {
      const triggerId = await trigger(kafka, system, 'IF_BETTER', 'first')
      return models.outcomeOf(triggerId)
    }),
  )
  if (first.kind === 'not-better')
    progress.line(`  the model of an earlier run goes on serving: ${first.detail}`)
  const forecast = await mostEventful(
    stations.stations.slice(0, SHOWN_FROM).map(({ station_id }) => forecastOf(station_id)),
  )
  progress.line()
  for (const text of presentForecast(forecast, system.timeZone)) progress.line(text)
  progress.line()
  progress.line(`first forecast after ${((systemClock.now() - startedAt) / 1000).toFixed(0)} s`)
  progress.line()

  const requests = sendRequests(stations.stations.map((station) => forecastOf(station.station_id)))
  defer(async () => void (await requests.stop()))
  const second = await whileHealthy(
    progress.step('Second model, promoted while requests are being answered', async () => {
      const triggerId = await trigger(kafka, system, 'ALWAYS', 'second')
      return models.outcomeOf(triggerId)
    }),
  )
  await wait(500)
  const report = await requests.stop()
  const versions = Object.entries(report.byVersion).map(([version, count]) => `version ${version}: ${count}`)
  progress.line(`  requests sent: ${report.sent}, failed: ${report.failed} (${versions.join(', ')})`)
  if (second.kind === 'activated')
    progress.line(`  promotion → activation: ${second.promotionToActivationMs} ms`)
  if (report.failed > 0)
    throw new Error(`${report.failed} requests failed; the first: ${report.firstFailure}`)

  progress.line()
  progress.line(`  forecasts   ${forecastOf(forecast.station_id)}`)
  progress.line(`  API         ${api}/docs`)
  progress.line(`  MLflow      ${stackEnv.MLFLOW_TRACKING_URI}`)
  progress.line(`  feed        ${system.gbfs}`)
  progress.line(`  Kafka       ${stackEnv.KAFKA_BROKERS}, topics ${names.prefix}*`)
  progress.line(`  registry    ${stackEnv.SCHEMA_REGISTRY_URL}`)
  progress.line(`  database    ${withoutPassword(databaseUrl)}`)
  progress.line(`  logs        ${join(names.folder, 'logs')}`)
  progress.line()
  if (options.exit) return
  progress.line(`Live: a poll every ${options.pollEverySeconds} s. Ctrl-C stops everything.`)
  await whileHealthy(new Promise<never>(() => {})).catch((error) => {
    if (!signal.aborted) throw error
  })
}

/** Resolves when the features and the sink have handled all that is in their topics. */
const caughtUp = async (
  kafka: KafkaClient,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<void> => {
  const groups = [
    { group: 'features', from: [topics.stationStatus] },
    { group: 'timescale-sink.station-status', from: [topics.stationStatus] },
    { group: 'timescale-sink.station-features', from: [topics.stationFeatures] },
  ]
  for (;;) {
    signal.throwIfAborted()
    let lag = 0
    for (const { group, from } of groups) lag += await kafka.lagOf(group, from)
    if (lag < 200) return
    say(`${lag} records to go`)
    await wait(250)
  }
}

const trigger = (
  kafka: KafkaClient,
  { systemId }: System,
  policy: PromotionPolicy,
  which: string,
): Promise<string> =>
  requestTraining(kafka, {
    systemId,
    label: `demo-${which}`,
    triggeredAt: systemClock.now(),
    policy,
    requestedBy: 'velocast demo',
  })

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })

const withoutPassword = (url: string): string => {
  const address = new URL(url)
  address.password = ''
  return address.href
}
