import type { Follower, KafkaClient } from '@velocast/kafka'
import {
  type JobRun,
  type ModelActivated,
  type ModelPromoted,
  type ModelRejected,
  topics,
} from '@velocast/schemas'

export type ModelOutcome =
  | { kind: 'activated'; promoted: ModelPromoted; activated: ModelActivated; promotionToActivationMs: number }
  | { kind: 'not-better'; detail: string }

export interface ModelWatch {
  /** What becomes of a trigger: its model serves, or the one that serves is better. Rejects when training fails or is vetoed. */
  outcomeOf: (triggerId: string) => Promise<ModelOutcome>
  stop: () => Promise<void>
}

/** Follows what is said of models from now on. */
export const watchModels = async (kafka: KafkaClient, systemId: string): Promise<ModelWatch> => {
  const promotions: ModelPromoted[] = []
  const activations: ModelActivated[] = []
  const rejections: ModelRejected[] = []
  const runs: JobRun[] = []
  const listeners = new Set<() => void>()
  const lists = new Map<string, unknown[]>([
    ['model-promoted', promotions],
    ['model-activated', activations],
    ['model-rejected', rejections],
    ['job-runs', runs],
  ])
  const follower: Follower = await kafka.follow({
    topics: [topics.modelPromoted, topics.modelActivated, topics.modelRejected, topics.jobRuns],
    from: 'end',
    systemIds: [systemId],
    onRecords(records) {
      for (const { topic, value } of records)
        if (value.systemId === systemId) lists.get(topic.name)?.push(value)
      for (const listener of listeners) listener()
    },
  })
  await follower.caughtUp

  const find = (triggerId: string): ModelOutcome | Error | null => {
    const run = runs.find(({ runId, outcome }) => runId.includes(triggerId) && outcome !== 'RUNNING')
    if (run?.outcome === 'FAILED') return new Error(`Training failed: ${run.detail}`)
    if (run?.outcome === 'SKIPPED') return new Error(`Nothing was trained: ${run.detail}`)
    const promoted = promotions.find((promotion) => promotion.triggerId === triggerId)
    const notBetter = rejections.find(
      ({ reason, detail }) => reason === 'NOT_BETTER' && detail.includes(triggerId),
    )
    if (!promoted && notBetter) return { kind: 'not-better', detail: notBetter.detail }
    if (!promoted) return null
    const answers = ({ modelVersion, promotedAt }: { modelVersion: string; promotedAt: number }): boolean =>
      modelVersion === promoted.modelVersion && promotedAt === promoted.promotedAt
    const refused = rejections.find((rejection) => answers(rejection))
    if (refused) return new Error(`The predictor refused the model: ${refused.detail}`)
    const activated = activations.find((activation) => answers(activation))
    if (!activated) return null
    return {
      kind: 'activated',
      promoted,
      activated,
      promotionToActivationMs: activated.activatedAt - promoted.promotedAt,
    }
  }

  return {
    outcomeOf: (triggerId) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const found = find(triggerId)
          if (!found) return
          listeners.delete(check)
          if (found instanceof Error) reject(found)
          else resolve(found)
        }
        listeners.add(check)
        follower.stopped.catch(reject)
        check()
      }),
    stop: () => follower.stop(),
  }
}
