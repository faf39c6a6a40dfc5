import type { KafkaClient } from '@velocast/kafka'
import {
  type JobRun,
  type ModelActivated,
  type ModelPromoted,
  type ModelRejected,
  topics,
} from '@velocast/schemas'
import { waitFor } from '@velocast/testkit'

export interface ModelEvents {
  isPromoted: (triggerId: string) => boolean
  promotionOf: (triggerId: string) => Promise<ModelPromoted>
  activationOf: (promotion: ModelPromoted) => Promise<ModelActivated>
  rejectionOf: (promotion: ModelPromoted) => Promise<ModelRejected>
  stop: () => Promise<void>
}

/** Everything that is said of models, from the beginning of the log on. */
export const followModelEvents = async (kafka: KafkaClient): Promise<ModelEvents> => {
  const promotions: ModelPromoted[] = []
  const activations: ModelActivated[] = []
  const rejections: ModelRejected[] = []
  const runs: JobRun[] = []
  const listOf = new Map<string, unknown[]>([
    [topics.modelPromoted.name, promotions],
    [topics.modelActivated.name, activations],
    [topics.modelRejected.name, rejections],
    [topics.jobRuns.name, runs],
  ])
  const follower = await kafka.follow({
    topics: [topics.modelPromoted, topics.modelActivated, topics.modelRejected, topics.jobRuns],
    from: 'beginning',
    onRecords: (records) => {
      for (const { topic, value } of records) listOf.get(topic.name)?.push(value)
    },
  })
  await follower.caughtUp

  const isAnswerTo =
    ({ modelVersion, promotedAt }: ModelPromoted) =>
    (answer: ModelActivated | ModelRejected): boolean =>
      answer.modelVersion === modelVersion && answer.promotedAt === promotedAt

  return {
    isPromoted: (triggerId) => promotions.some((promotion) => promotion.triggerId === triggerId),
    async promotionOf(triggerId) {
      const promotionOrFailure = await waitFor(
        () =>
          promotions.find((promotion) => promotion.triggerId === triggerId) ??
          runs.find((run) => run.runId === triggerId && run.outcome === 'FAILED'),
        { what: `a model is promoted after ${triggerId}` },
      )
      if ('outcome' in promotionOrFailure) throw new Error(`training failed: ${promotionOrFailure.detail}`)
      return promotionOrFailure
    },
    activationOf: (promotion) =>
      waitFor(() => activations.find(isAnswerTo(promotion)), {
        what: `version ${promotion.modelVersion} is activated`,
      }),
    rejectionOf: (promotion) =>
      waitFor(() => rejections.find(isAnswerTo(promotion)), {
        what: `version ${promotion.modelVersion} is rejected`,
      }),
    stop: () => follower.stop(),
  }
}
