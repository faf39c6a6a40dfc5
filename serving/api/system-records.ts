/** What was published lately about a system's models, their accuracy and the quality of its data, in bounded memory. */
import type { DataQuality, ForecastAccuracy, ModelActivated, ModelPromoted } from '@velocast/schemas'
import { createRecentRecords, type RecentRecords } from './recent-records.ts'

export interface SystemRecords {
  readonly accuracy: RecentRecords<ForecastAccuracy>
  readonly quality: RecentRecords<DataQuality>
  readonly promotions: RecentRecords<ModelPromoted>
  readonly activations: RecentRecords<ModelActivated>
  /** Takes a record in by its topic's name; others are passed over. */
  readonly take: (topicName: string, value: unknown) => void
  /** Changes with every record that is taken in. */
  readonly revision: () => number
}

export const createSystemRecords = (): SystemRecords => {
  let revision = 0
  const accuracy = createRecentRecords<ForecastAccuracy>({
    limit: 10_000,
    keyOf: (each) =>
      `${each.stationId}/${each.modelName}/${each.modelVersion}/${each.horizonMinutes}/${each.windowEndAt}`,
    timeOf: (each) => each.windowEndAt,
  })
  const quality = createRecentRecords<DataQuality>({
    limit: 10_000,
    keyOf: (each) => `${each.stationId}/${each.rule}/${each.checkedAt}`,
    timeOf: (each) => each.checkedAt,
  })
  const promotions = createRecentRecords<ModelPromoted>({
    limit: 200,
    keyOf: (each) => `${each.modelName}/${each.modelVersion}/${each.promotedAt}`,
    timeOf: (each) => each.promotedAt,
  })
  const activations = createRecentRecords<ModelActivated>({
    limit: 1_000,
    keyOf: (each) => `${each.replicaId}/${each.modelName}/${each.modelVersion}/${each.promotedAt}`,
    timeOf: (each) => each.activatedAt,
  })
  const kinds: Readonly<Record<string, Pick<RecentRecords<never>, 'put'>>> = {
    'forecast-accuracy': accuracy,
    'data-quality': quality,
    'model-promoted': promotions,
    'model-activated': activations,
  }
  return {
    accuracy,
    quality,
    promotions,
    activations,
    take: (topicName, value) => {
      const kind = kinds[topicName]
      if (!kind) return
      revision++
      kind.put(value as never)
    },
    revision: () => revision,
  }
}
