/**
 * One training, from a trigger to its end. Whatever moment it is killed at, it is done again from the beginning and ends
 * the same: the data set and the model are functions of the trigger and the log, the trainer finds its own registered
 * version by the trigger, the promotion keeps its moment, and a trigger that has ended is skipped.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Database } from '@velocast/db'
import { fingerprintOf, modelFeatureNames } from '@velocast/features'
import type { TopicProducer } from '@velocast/kafka'
import { type Clock, type System, UnavailableError } from '@velocast/runtime'
import { type JobRun, type ModelPromoted, type TrainingTrigger, topics } from '@velocast/schemas'
import type { DatasetReport, DatasetRequest } from './dataset/dataset-request.ts'
import { runJsonProcess } from './processes/run-json-process.ts'
import { decidePromotion } from './promotion/decide-promotion.ts'
import { fetchChampion } from './promotion/fetch-champion.ts'
import type { Champions } from './promotion/follow-champions.ts'
import type { MlflowStages } from './promotion/mlflow-stages.ts'
import { flatMetrics, parseTrainerResult, type TrainerResult } from './promotion/trainer-result.ts'
import { beginJob, endJob, promotedAt, type TrainingOutcome, withLease } from './store.ts'
import type { TrainingTelemetry } from './telemetry.ts'

export interface TrainingSettings {
  databaseUrl: string
  mlflowUrl: string
  trainerPython: string
  workFolder: string
  historyDays: number
  maxRows: number
  trees: number
  threads: number
  timeoutMs: number
}

export interface TrainingDependencies {
  systems: readonly System[]
  database: Database
  producer: TopicProducer
  champions: Champions
  stages: MlflowStages
  clock: Clock
  telemetry: TrainingTelemetry
  settings: TrainingSettings
}

/** What a model is fitted with; what an installation may change of it is in the configuration. */
const HYPER_PARAMETERS = { leaves: 63, minRowsPerLeaf: 200, learningRate: 0.08 } as const
/** By target time, oldest first; the gap keeps a week's targets out of both sides. */
const SPLIT = { train: 0.7, early: 0.15, test: 0.15, gapHours: 168 } as const
const SEED = 1
const EXPERIMENT = 'velocast'
/** Exit codes that data set and trainer share. */
const DEPENDENCY_AWAY = 4
const trainerFolder = resolve(import.meta.dirname, 'trainer')
const datasetMain = resolve(import.meta.dirname, 'build-dataset-main.ts')

/** A training that cannot succeed however often it is tried: it ends as FAILED, and its trigger is done with. */
class TrainingFailure extends Error {
  override name = 'TrainingFailure'
}

interface Ended {
  outcome: TrainingOutcome
  detail: string
  figures: Record<string, number>
}

export const trainSystem =
  (dependencies: TrainingDependencies) =>
  async (trigger: TrainingTrigger, signal: AbortSignal): Promise<void> => {
    const { systems, database, telemetry, clock } = dependencies
    const { systemId, triggerId } = trigger
    const system = systems.find((each) => each.systemId === systemId)
    if (!system) {
      telemetry.skipped(systemId, triggerId, 'the system is not in the systems file')
      return
    }
    await dependencies.champions.known
    await withLease(database, systemId, async () => {
      const { endedAs, beganAt } = await beginJob(database, trigger, clock.now())
      const publish = publishRun(dependencies, trigger, beganAt)
      if (endedAs) {
        telemetry.skipped(systemId, triggerId, `it has ended already: ${endedAs}`)
        return
      }
      telemetry.began(systemId, triggerId)
      await publish({ outcome: 'RUNNING', detail: null, figures: {} })
      const startedAt = clock.now()
      const ended = await trainAndDecide(dependencies, system, trigger, signal).catch((error): Ended => {
        if (error instanceof TrainingFailure) return { outcome: 'FAILED', detail: error.message, figures: {} }
        throw error
      })
      const seconds = (clock.now() - startedAt) / 1000
      await publish({
        outcome: ended.outcome === 'FAILED' ? 'FAILED' : 'SUCCEEDED',
        detail: ended.detail,
        figures: { ...ended.figures, seconds },
      })
      await endJob(database, trigger, { outcome: ended.outcome, detail: ended.detail, now: clock.now() })
      telemetry.ended(systemId, triggerId, ended.outcome, ended.detail, seconds)
    })
  }

const trainAndDecide = async (
  dependencies: TrainingDependencies,
  system: System,
  trigger: TrainingTrigger,
  signal: AbortSignal,
): Promise<Ended> => {
  const { champions, settings, producer } = dependencies
  const { systemId, triggerId } = trigger
  const folder = join(settings.workFolder, triggerId.replaceAll(/[^A-Za-z0-9._-]+/g, '-'))
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })

  const dataset = await buildDataset(dependencies, system, trigger, folder, signal)
  const champion = champions.of(systemId, system.modelName)
  const fetched = await fetchChampion(champion, join(folder, 'champion'), settings.mlflowUrl, signal)
  const result = await fit(dependencies, system, trigger, { folder, dataset: dataset.file, fetched, signal })
  const decision = decidePromotion({
    policy: trigger.policy,
    requestedBy: trigger.requestedBy,
    challenger: result.metrics,
    champion: result.champion?.metrics ?? null,
    championReason: 'reason' in fetched ? fetched.reason : (result.championReason ?? null),
  })
  const modelVersion = String(result.modelVersion)
  if (decision.isPromoted)
    await promote(dependencies, system, trigger, result, champion, decision.reason, signal)
  else
    await producer.send(
      [
        {
          topic: topics.modelRejected,
          value: {
            systemId,
            modelName: system.modelName,
            modelVersion,
            replicaId: 'training',
            promotedAt: trigger.triggeredAt,
            rejectedAt: dependencies.clock.now(),
            reason: 'NOT_BETTER',
            detail: `${decision.reason} (trigger ${triggerId})`,
          },
        },
      ],
      { signal },
    )
  await rm(folder, { recursive: true, force: true })
  return {
    outcome: decision.isPromoted ? 'PROMOTED' : 'NOT_BETTER',
    detail: `version ${modelVersion}: ${decision.reason}`,
    figures: {
      rows: dataset.report.rows,
      observations: dataset.report.observations,
      seconds_dataset: dataset.report.seconds,
      ...Object.fromEntries(
        Object.entries(result.secondsByStage).map(([stage, value]) => [`seconds_${stage}`, value]),
      ),
      ...flatMetrics(result.metrics),
    },
  }
}

const buildDataset = async (
  { settings, telemetry }: TrainingDependencies,
  system: System,
  trigger: TrainingTrigger,
  folder: string,
  signal: AbortSignal,
): Promise<{ file: string; report: DatasetReport }> => {
  const request: DatasetRequest = {
    systemId: system.systemId,
    timeZone: system.timeZone,
    country: system.country,
    region: system.region ?? null,
    until: trigger.triggeredAt,
    historyDays: settings.historyDays,
    maxRows: settings.maxRows,
    seed: SEED,
    trainShare: SPLIT.train,
    outFile: join(folder, 'dataset.arrow'),
  }
  const requestFile = join(folder, 'dataset.json')
  await writeFile(requestFile, JSON.stringify(request, null, 2))
  let report: DatasetReport | null = null
  const { exitCode, detail } = await runJsonProcess({
    command: process.execPath,
    args: [datasetMain, requestFile],
    env: { DATABASE_URL: settings.databaseUrl },
    signal,
    timeoutMs: settings.timeoutMs,
    onEvent: (event) => {
      if (event.event === 'done') report = event.report as DatasetReport
      else telemetry.progress(system.systemId, event)
    },
    onLogLine: telemetry.childSaid,
  })
  if (exitCode === DEPENDENCY_AWAY) throw new UnavailableError('the database', new Error(detail))
  if (exitCode !== 0 || report === null)
    throw new TrainingFailure(`the data set could not be built: ${detail}`)
  return { file: request.outFile, report }
}

const fit = async (
  { settings, telemetry }: TrainingDependencies,
  system: System,
  trigger: TrainingTrigger,
  job: {
    folder: string
    dataset: string
    fetched: { bundleDir: string } | { reason: string }
    signal: AbortSignal
  },
): Promise<TrainerResult> => {
  const outDir = join(job.folder, 'out')
  const requestFile = join(job.folder, 'request.json')
  const request = {
    format: 1,
    systemId: system.systemId,
    modelName: system.modelName,
    trainedAt: trigger.triggeredAt,
    seed: SEED,
    threads: settings.threads,
    dataset: job.dataset,
    outDir,
    features: modelFeatureNames,
    fingerprint: fingerprintOf(modelFeatureNames),
    horizonFeature: 'horizon_hours',
    split: SPLIT,
    params: { trees: settings.trees, ...HYPER_PARAMETERS },
    mlflow: { trackingUri: settings.mlflowUrl, experiment: EXPERIMENT },
    champion: 'bundleDir' in job.fetched ? { bundleDir: job.fetched.bundleDir } : null,
    tags: { 'velocast.trigger': trigger.triggerId, 'velocast.system': system.systemId },
  }
  await writeFile(requestFile, JSON.stringify(request, null, 2))
  const { exitCode, detail } = await runJsonProcess({
    command: settings.trainerPython,
    args: ['-m', 'velocast_trainer', 'fit', '--request', requestFile],
    cwd: trainerFolder,
    env: { PYTHONDONTWRITEBYTECODE: '1', PYTHONUNBUFFERED: '1' },
    signal: job.signal,
    timeoutMs: settings.timeoutMs,
    onEvent: (event) => telemetry.progress(system.systemId, event),
    onLogLine: telemetry.childSaid,
  })
  if (exitCode === DEPENDENCY_AWAY) throw new UnavailableError('MLflow', new Error(detail))
  if (exitCode !== 0) throw new TrainingFailure(`the trainer ended with exit code ${exitCode}: ${detail}`)
  return parseTrainerResult(JSON.parse(await readFile(join(outDir, 'result.json'), 'utf8')))
}

const promote = async (
  { database, producer, stages, clock }: TrainingDependencies,
  system: System,
  trigger: TrainingTrigger,
  result: TrainerResult,
  champion: ModelPromoted | null,
  reason: string,
  signal: AbortSignal,
): Promise<void> => {
  const modelVersion = String(result.modelVersion)
  const value: ModelPromoted = {
    systemId: system.systemId,
    modelName: system.modelName,
    modelVersion,
    runId: result.runId,
    triggerId: trigger.triggerId,
    promotedAt: await promotedAt(database, trigger, clock.now()),
    artifactUri: result.artifactUri,
    manifestSha256: result.manifestSha256,
    features: [...modelFeatureNames],
    fingerprint: fingerprintOf(modelFeatureNames),
    previousVersion: champion && champion.modelVersion !== modelVersion ? champion.modelVersion : null,
    reason,
    metrics: flatMetrics(result.metrics),
  }
  await stages.promote(system.modelName, modelVersion, signal)
  await producer.send([{ topic: topics.modelPromoted, value }], { signal })
}

const publishRun =
  ({ producer, clock }: TrainingDependencies, { systemId, triggerId }: TrainingTrigger, startedAt: number) =>
  (run: Pick<JobRun, 'outcome' | 'detail' | 'figures'>): Promise<void> =>
    producer.send([
      {
        topic: topics.jobRuns,
        value: {
          systemId,
          job: 'training',
          runId: triggerId,
          startedAt,
          endedAt: run.outcome === 'RUNNING' ? null : clock.now(),
          ...run,
        },
      },
    ])
