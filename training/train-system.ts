/**
 * One training, from a trigger to its end. Whatever moment it is killed at, it is done again from the beginning and ends
 * the same: the data set and the model are functions of the trigger and the log, the trainer finds its own registered
 * version by the trigger, the promotion keeps its moment, and a trigger that has ended is skipped.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database } from '@velocast/db'
import { fingerprintOf, modelFeatureNames } from '@velocast/features'
import type { TopicProducer } from '@velocast/kafka'
import { type Clock, type System, UnavailableError } from '@velocast/runtime'
import { type JobRun, type ModelPromoted, type TrainingTrigger, topics } from '@velocast/schemas'
import { decideVeto } from './decide-veto.ts'
import { fitModel } from './processes/fit-model.ts'
import { makeDataset } from './processes/make-dataset.ts'
import { decidePromotion } from './promotion/decide-promotion.ts'
import { fetchChampion } from './promotion/fetch-champion.ts'
import type { Champions } from './promotion/follow-champions.ts'
import type { MlflowStages } from './promotion/mlflow-stages.ts'
import { flatMetrics, type TrainerResult } from './promotion/trainer-result.ts'
import {
  beginJob,
  countVetoes,
  endJob,
  type Lease,
  promotedAt,
  type TrainingOutcome,
  withLease,
} from './store.ts'
import type { TrainingTelemetry } from './telemetry.ts'
import { TrainingFailure } from './training-failure.ts'
import { type TrainingSettings, VETO } from './training-settings.ts'

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
    await withLease(database, systemId, async (lease) => {
      const { endedAs, beganAt } = await beginJob(database, trigger, clock.now())
      const publish = publishRun(dependencies, trigger, beganAt)
      if (endedAs) {
        telemetry.skipped(systemId, triggerId, `it has ended already: ${endedAs}`)
        return
      }
      telemetry.began(systemId, triggerId)
      await publish({ outcome: 'RUNNING', detail: null, figures: {} })
      const startedAt = clock.now()
      const ended = await trainAndDecide(dependencies, system, trigger, lease, signal).catch(
        (error): Ended => {
          if (signal.aborted || error instanceof UnavailableError) throw error
          // Any other error is a bug, or a disk that is full: ending the process would bring the same trigger back for ever.
          if (!(error instanceof TrainingFailure)) telemetry.broke(systemId, triggerId, error)
          return { outcome: 'FAILED', detail: String(error.message ?? error), figures: {} }
        },
      )
      const seconds = (clock.now() - startedAt) / 1000
      await publish({
        outcome: runOutcome[ended.outcome],
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
  lease: Lease,
  signal: AbortSignal,
): Promise<Ended> => {
  const { champions, settings, producer, telemetry } = dependencies
  const { systemId, triggerId } = trigger
  const done = champions.promotedBy(systemId, triggerId)
  if (done)
    return {
      outcome: 'PROMOTED',
      detail: `version ${done.modelVersion}: ${done.reason}`,
      figures: done.metrics,
    }
  const veto = await findVeto(dependencies, system, trigger)
  if (veto) return { outcome: 'VETOED', detail: veto, figures: {} }
  const folder = await freshFolder(settings.workFolder, trigger)
  const job = { settings, telemetry, system, trigger, folder, signal }

  const dataset = await makeDataset(job)
  const champion = champions.of(systemId, system.modelName)
  const fetched = await fetchChampion(champion, join(folder, 'champion'), settings.mlflowUrl, signal)
  const championFolder = 'bundleDir' in fetched ? fetched.bundleDir : null
  const result = await fitModel({ ...job, dataset: dataset.file, championFolder })
  const decision = decidePromotion({
    policy: trigger.policy,
    requestedBy: trigger.requestedBy,
    challenger: result.metrics,
    champion: result.champion?.metrics ?? null,
    championReason: 'reason' in fetched ? fetched.reason : (result.championReason ?? null),
  })
  const modelVersion = String(result.modelVersion)
  await lease.confirm()
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

const DAY_MS = 24 * 60 * 60 * 1000

const findVeto = async (
  { database, settings }: TrainingDependencies,
  { systemId, quality }: System,
  { triggeredAt }: TrainingTrigger,
): Promise<string | null> => {
  const from = triggeredAt - settings.historyDays * DAY_MS
  const records = await countVetoes(database, { systemId, from, until: triggeredAt })
  // What a rule said before it was turned off counts no more.
  return decideVeto(
    records.filter(({ rule }) => !quality?.[rule]?.isOff),
    VETO,
  )
}

const runOutcome = {
  PROMOTED: 'SUCCEEDED',
  NOT_BETTER: 'SUCCEEDED',
  VETOED: 'SKIPPED',
  FAILED: 'FAILED',
} as const satisfies Record<TrainingOutcome, JobRun['outcome']>

/**
 * A folder of this attempt's own, so that a child of a process that was killed, still at work, writes to nobody's files.
 * What the system's earlier trainings left there is removed: that of a failed one stays until the next.
 */
const freshFolder = async (workFolder: string, { systemId, triggerId }: TrainingTrigger): Promise<string> => {
  const ofSystem = join(workFolder, systemId)
  await rm(ofSystem, { recursive: true, force: true })
  await mkdir(ofSystem, { recursive: true })
  return mkdtemp(join(ofSystem, `${triggerId.replaceAll(/[^A-Za-z0-9._-]+/g, '-')}-`))
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
