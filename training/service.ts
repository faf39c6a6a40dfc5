import { resolve } from 'node:path'
import { openDatabase } from '@velocast/db'
import { connectFromConfig } from '@velocast/kafka'
import { createMlflowStages, followChampions } from '@velocast/promotion'
import { loadSystems, type Service } from '@velocast/runtime'
import { topics } from '@velocast/schemas'
import { trainingConfig } from './config.ts'
import { createTelemetry } from './telemetry.ts'
import { trainSystem } from './train-system.ts'

const MINUTE_MS = 60_000

export const trainingService: Service<typeof trainingConfig> = {
  name: 'training',
  config: trainingConfig,
  async start({ config, log, clock, metrics, defer, addReadyCheck, addLiveCheck, fail }) {
    const systems = loadSystems(config.SYSTEMS_FILE)
    const kafka = connectFromConfig(config, { clientId: 'training', clock, log })
    defer('kafka', () => kafka.close())
    // One connection for the lease, which is held for as long as a training takes, and one for the rest.
    const database = openDatabase({
      url: config.DATABASE_URL,
      log,
      applicationName: 'velocast training',
      max: 3,
    })
    defer('database', () => database.close())
    const producer = await kafka.openProducer()
    defer('producer', () => producer.close())
    const champions = await followChampions(kafka)
    defer('champions', () => champions.follower.stop())
    champions.follower.stopped.catch(fail)
    const train = trainSystem({
      systems,
      database,
      producer,
      champions,
      stages: createMlflowStages(config.MLFLOW_TRACKING_URI, fetch),
      clock,
      telemetry: createTelemetry({ log, metrics, clock }),
      settings: {
        databaseUrl: config.DATABASE_URL,
        mlflowUrl: config.MLFLOW_TRACKING_URI,
        trainerPython: config.TRAINER_PYTHON,
        workFolder: resolve(config.WORK_FOLDER),
        historyDays: config.HISTORY_DAYS,
        maxRows: config.MAX_ROWS,
        trees: config.TREES,
        boosters: config.BOOSTERS.split(','),
        threads: config.THREADS,
        search: { trials: config.SEARCH_TRIALS, minutes: config.SEARCH_MINUTES },
        timeoutMs: config.TRAINING_MINUTES * MINUTE_MS,
        coolDownMs: config.TRAINING_COOL_DOWN_MINUTES * MINUTE_MS,
        promotionRule: config.PROMOTION_RULE,
      },
    })
    const jobs = await kafka.runJobs({
      group: 'training',
      from: topics.trainingTriggers,
      run: train,
    })
    defer('training jobs', () => jobs.stop())
    jobs.stopped.catch(fail)
    addReadyCheck('training', jobs.problem)
    addReadyCheck('champions', champions.follower.problem)
    addLiveCheck('training', jobs.stalled)
  },
}
