/**
 * One training, from a trigger to its end. Whatever moment it is killed at, it is done again from the beginning and ends
 * the same: the data set and the model are functions of the trigger and the log, the trainer finds its own registered
 * version by the trigger, the promotion keeps its moment, and a trigger that has ended is skipped.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database } from '@velocast/db'
import type { ReceivedRecord, TopicProducer } from '@velocast/kafka'
import { type Champions, flatMetrics, type MlflowStages } from '@velocast/promotion'
import { type Clock, type System, UnavailableError } from '@velocast/runtime'
import { type JobRun, type TrainingTrigger, topics } from '@velocast/schemas'
import { decideVeto, type Veto } from './decide-veto.ts'
import { findCoolDown } from './find-cool-down.ts'
import { fitModel } from './processes/fit-model.ts'
import { makeDataset } from './processes/make-dataset.ts'
import { decidePromotion } from './promotion/decide-promotion.ts'
import { fetchChampion } from './promotion/fetch-champion.ts'
import { publishDecision } from './promotion/publish-decision.ts'
import {
  beginJob,
  countVetoes,
  endJob,
  type Lease,
  lastDecidedAt,
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
  async (record: ReceivedRecord<TrainingTrigger>, signal: AbortSignal): Promise<void> => {
    const { systems, database, telemetry, clock } = dependencies
    const trigger = record.value
    const { systemId, triggerId } = trigger
    const system = systems.find((each) => each.systemId === systemId)
    if (!system) {
      const why = 'the system is not in the systems file: `velocast system add` follows it'
      await publishSkipped(dependencies, record, why)
      telemetry.skipped(systemId, triggerId, why)
      return
    }
    await dependencies.champions.known
    await withLease(database, systemId, async (lease) => {
      const { endedAs, beganAt, isOfAnotherRecord } = await beginJob(database, trigger, record, clock.now())
      if (endedAs) {
        const why = `the trigger has ended already: ${endedAs}`
        // The record that was taken up, come again after a crash, has said how it ended.
        if (isOfAnotherRecord) await publishSkipped(dependencies, record, why)
        telemetry.skipped(systemId, triggerId, why)
        return
      }
      const publish = publishRun(dependencies, trigger, { runId: triggerId, startedAt: beganAt })
      const startedAt = clock.now()
      const work = async (): Promise<Ended> => {
        const earlier = endedBefore(dependencies, trigger) ?? (await coolDownOf(dependencies, trigger))
        if (earlier) return earlier
        telemetry.began(systemId, triggerId)
        await publish({ outcome: 'RUNNING', detail: null, figures: {} })
        return trainAndDecide(dependencies, system, trigger, lease, signal)
      }
      const ended = await work().catch((error): Ended => {
        if (signal.aborted || error instanceof UnavailableError) throw error
        // Any other error is a bug, or a disk that is full: ending the process would bring the same trigger back for ever.
        if (!(error instanceof TrainingFailure)) telemetry.broke(systemId, triggerId, error)
        return { outcome: 'FAILED', detail: String(error.message ?? error), figures: {} }
      })
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

/** What an earlier attempt has promoted stays promoted, whatever would be decided now. */
const endedBefore = (
  { champions }: TrainingDependencies,
  { systemId, triggerId }: TrainingTrigger,
): Ended | null => {
  const done = champions.promotedBy(systemId, triggerId)
  return (
    done && {
      outcome: 'PROMOTED',
      detail: `version ${done.modelVersion}: ${done.reason}`,
      figures: done.metrics,
    }
  )
}

const coolDownOf = async (
  { database, settings }: TrainingDependencies,
  trigger: TrainingTrigger,
): Promise<Ended | null> => {
  const decidedAt = await lastDecidedAt(database, trigger.systemId)
  const detail = findCoolDown(trigger, decidedAt, settings.coolDownMs)
  return detail === null ? null : { outcome: 'COOL_DOWN', detail, figures: trigger.evidence }
}

const trainAndDecide = async (
  dependencies: TrainingDependencies,
  system: System,
  trigger: TrainingTrigger,
  lease: Lease,
  signal: AbortSignal,
): Promise<Ended> => {
  const { champions, settings, telemetry, clock } = dependencies
  const { systemId } = trigger
  const startedAt = clock.now()
  const veto = await findVeto(dependencies, system, trigger)
  if (veto) return { outcome: 'VETOED', detail: veto.reason, figures: veto.figures }
  const folder = await freshFolder(settings.workFolder, trigger)
  const job = { settings, telemetry, system, trigger, folder, signal }

  const dataset = await makeDataset(job)
  const champion = champions.of(systemId, system.modelName)
  const fetched = await fetchChampion(champion, join(folder, 'champion'), settings.mlflowUrl, signal)
  const championFolder = 'bundleDir' in fetched ? fetched.bundleDir : null
  const result = await fitModel({ ...job, dataset: dataset.file, championFolder })
  const decision = decidePromotion({
    policy: trigger.policy,
    rule: settings.promotionRule,
    requestedBy: trigger.requestedBy,
    challenger: result.metrics,
    champion: result.champion?.metrics ?? null,
    comparison: result.champion?.comparison,
    isFirstModel: champion === null,
    championReason: 'reason' in fetched ? fetched.reason : (result.championReason ?? null),
  })
  await lease.confirm()
  const decided = {
    system,
    trigger,
    result,
    champion,
    decision,
    metrics: {
      ...flatMetrics(result.metrics),
      ...decision.figures,
      seconds: (clock.now() - startedAt) / 1000,
    },
  }
  await publishDecision(dependencies, decided, signal)
  await rm(folder, { recursive: true, force: true })
  return {
    outcome: decision.isPromoted ? 'PROMOTED' : 'NOT_BETTER',
    detail: `version ${result.modelVersion}: ${decision.reason}`,
    figures: {
      ...decided.metrics,
      rows: dataset.report.rows,
      observations: dataset.report.observations,
      seconds_dataset: dataset.report.seconds,
      ...Object.fromEntries(
        Object.entries(result.secondsByStage).map(([stage, value]) => [`seconds_${stage}`, value]),
      ),
    },
  }
}

const DAY_MS = 24 * 60 * 60 * 1000

const findVeto = async (
  { database, settings }: TrainingDependencies,
  { systemId, quality }: System,
  { triggeredAt }: TrainingTrigger,
): Promise<Veto | null> => {
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
  COOL_DOWN: 'SKIPPED',
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

/**
 * A trigger that nothing was done for is a decision too. Named by its record, so that it does not replace the run of another
 * record with the same trigger, and replaces itself when the record comes again.
 */
const publishSkipped = (
  dependencies: TrainingDependencies,
  { value: trigger, eventAt, partition, offset }: ReceivedRecord<TrainingTrigger>,
  why: string,
): Promise<void> =>
  publishRun(dependencies, trigger, {
    runId: `${trigger.triggerId}@${partition}/${offset}`,
    startedAt: eventAt,
  })({ outcome: 'SKIPPED', detail: why, figures: trigger.evidence })

const publishRun =
  (
    { producer, clock }: TrainingDependencies,
    { systemId }: TrainingTrigger,
    { runId, startedAt }: { runId: string; startedAt: number },
  ) =>
  (run: Pick<JobRun, 'outcome' | 'detail' | 'figures'>): Promise<void> =>
    producer.send([
      {
        topic: topics.jobRuns,
        value: {
          systemId,
          job: 'training',
          runId,
          startedAt,
          endedAt: run.outcome === 'RUNNING' ? null : clock.now(),
          ...run,
        },
      },
    ])
