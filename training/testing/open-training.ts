/** The training service as a process, a small city to train on, and everything that it publishes. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from '@velocast/db'
import type { KafkaClient } from '@velocast/kafka'
import {
  type JobRun,
  type ModelPromoted,
  type ModelRejected,
  type TrainingTrigger,
  topics,
} from '@velocast/schemas'
import {
  createTestDatabase,
  createTestKafka,
  type SpawnedService,
  spawnService,
  testStack,
  waitFor,
} from '@velocast/testkit'
import { loadCity } from './load-city.ts'
import { forgetModels, versionsOf } from './mlflow-models.ts'

export interface TestTraining {
  systemId: string
  modelName: string
  mlflowUrl: string
  kafka: KafkaClient
  database: Database
  workFolder: string
  promotions: ModelPromoted[]
  rejections: ModelRejected[]
  runs: JobRun[]
  start: (env?: Record<string, string>) => SpawnedService
  /** Publishes a trigger as of now; the same one again when it is given. */
  trigger: (trigger?: Partial<TrainingTrigger>) => Promise<TrainingTrigger>
  /** The record that ends the trigger's job. */
  ended: (trigger: TrainingTrigger) => Promise<JobRun>
  versions: () => ReturnType<typeof versionsOf>
  close: () => Promise<void>
}

const STATIONS = 6
const DAYS = 28
const POLLS_A_DAY = 96

/** The least that a model can be fitted with, in the least time. */
const QUICK = { MAX_ROWS: '12000', TREES: '8', THREADS: '1', BOOSTERS: 'lightgbm' }

export const openTraining = async (): Promise<TestTraining> => {
  const { mlflowUrl } = testStack()
  const trainerPython = process.env.TRAINER_PYTHON
  if (!trainerPython)
    throw new Error(
      'TRAINER_PYTHON is not set: run `npm test`, which installs the environment of the trainer',
    )
  // MLflow is shared by all tests.
  const modelName = `test-${randomBytes(5).toString('hex')}`
  const systemId = modelName
  const folder = mkdtempSync(join(tmpdir(), 'velocast-training-'))
  const systemsFile = join(folder, 'systems.json')
  writeFileSync(
    systemsFile,
    JSON.stringify({
      systems: [
        systemOf(systemId),
        { ...systemOf(`${systemId}-empty`), quality: { completeness: { isOff: true } } },
      ],
    }),
  )

  const [test, city] = await Promise.all([createTestKafka({ partitions: 2 }), createTestDatabase()])
  await loadCity(city.database, { seed: 3, systemId, stations: STATIONS, polls: DAYS * POLLS_A_DAY })
  const producer = await test.kafka.openProducer()
  const promotions: ModelPromoted[] = []
  const rejections: ModelRejected[] = []
  const runs: JobRun[] = []
  const follower = await test.kafka.follow({
    topics: [topics.modelPromoted, topics.modelRejected, topics.jobRuns],
    from: 'beginning',
    onRecords(records) {
      for (const { topic, value } of records)
        ({ 'model-promoted': promotions, 'model-rejected': rejections, 'job-runs': runs })[
          topic.name as string
        ]?.push(value)
    },
  })
  const services: SpawnedService[] = []
  let triggers = 0

  return {
    systemId,
    modelName,
    mlflowUrl,
    kafka: test.kafka,
    database: city.database,
    workFolder: join(folder, 'work'),
    promotions,
    rejections,
    runs,
    start(env = {}) {
      const service = spawnService(new URL('../main.ts', import.meta.url), {
        ...test.env,
        ...QUICK,
        DATABASE_URL: city.url,
        SYSTEMS_FILE: systemsFile,
        TRAINER_PYTHON: trainerPython,
        WORK_FOLDER: join(folder, 'work'),
        LOG_LEVEL: 'debug',
        ...env,
      })
      services.push(service)
      return service
    },
    async trigger(given = {}) {
      const trigger: TrainingTrigger = {
        systemId,
        triggerId: `${given.systemId ?? systemId}:test-${++triggers}`,
        cause: 'MANUAL',
        triggeredAt: Date.now(),
        policy: 'IF_BETTER',
        requestedBy: null,
        evidence: {},
        ...given,
      }
      await producer.send([{ topic: topics.trainingTriggers, value: trigger }])
      return trigger
    },
    ended: (trigger) =>
      waitFor(() => runs.find((run) => run.runId === trigger.triggerId && run.outcome !== 'RUNNING'), {
        what: `the end of ${trigger.triggerId}`,
        lines: () => services.at(-1)?.lines() ?? [],
      }),
    versions: () => versionsOf(mlflowUrl, modelName),
    async close() {
      await Promise.all(services.map((service) => service.kill('SIGKILL')))
      await follower.stop()
      await producer.close()
      await test.close()
      await city.drop()
      await forgetModels(mlflowUrl, modelName)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const systemOf = (systemId: string) => ({
  systemId,
  modelName: systemId,
  gbfs: 'http://127.0.0.1/gbfs.json',
  timeZone: 'Europe/Zurich',
  country: 'CH',
  latitude: 47.3,
  longitude: 8.5,
})
