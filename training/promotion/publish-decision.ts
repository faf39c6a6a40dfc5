/** What a training has decided, for MLflow and for the log: the log comes last, since what it says is done. */
import type { Database } from '@velocast/db'
import { fingerprintOf, modelFeatureNames } from '@velocast/features'
import type { TopicProducer } from '@velocast/kafka'
import type { MlflowStages } from '@velocast/promotion'
import type { Clock, System } from '@velocast/runtime'
import { type ModelPromoted, type ModelRejected, type TrainingTrigger, topics } from '@velocast/schemas'
import { promotedAt } from '../store.ts'
import type { PromotionDecision } from './decide-promotion.ts'
import type { TrainerResult } from './trainer-result.ts'

export interface DecisionDependencies {
  database: Database
  producer: TopicProducer
  stages: MlflowStages
  clock: Clock
}

export interface Decided {
  system: System
  trigger: TrainingTrigger
  result: TrainerResult
  champion: ModelPromoted | null
  decision: PromotionDecision
  /** The evidence: the model's figures, those of the comparison, and the seconds that it took. */
  metrics: Record<string, number>
}

export const publishDecision = (
  dependencies: DecisionDependencies,
  decided: Decided,
  signal: AbortSignal,
): Promise<void> => (decided.decision.isPromoted ? promote : reject)(dependencies, decided, signal)

const promote = async (
  { database, producer, stages, clock }: DecisionDependencies,
  { system, trigger, result, champion, decision, metrics }: Decided,
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
    reason: decision.reason,
    metrics,
  }
  await stages.promote(system.modelName, modelVersion, signal)
  await producer.send([{ topic: topics.modelPromoted, value }], { signal })
}

const reject = async (
  { producer, stages, clock }: DecisionDependencies,
  { system, trigger, result, champion, decision, metrics }: Decided,
  signal: AbortSignal,
): Promise<void> => {
  const { systemId, triggerId, triggeredAt } = trigger
  const value: ModelRejected = {
    systemId,
    modelName: system.modelName,
    modelVersion: String(result.modelVersion),
    replicaId: 'training',
    promotedAt: triggeredAt,
    rejectedAt: clock.now(),
    reason: 'NOT_BETTER',
    detail: `${decision.reason} (trigger ${triggerId})`,
    triggerId,
    metrics,
  }
  await stages.nameChallenger(system.modelName, champion?.modelVersion ?? null, signal)
  await producer.send([{ topic: topics.modelRejected, value }], { signal })
}
