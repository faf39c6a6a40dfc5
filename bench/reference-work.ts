/** The small work by which stream processors are compared: what it publishes of each reading. */
import type { Topic, TopicName } from '@velocast/schemas'

export const referenceFeatures: readonly string[] = [
  'bikes_lag_1h',
  'bikes_lag_24h',
  'bikes_mean_3h',
  'bikes_min_3h',
  'bikes_max_3h',
  'bikes_mean_24h',
  'bikes_min_24h',
  'bikes_max_24h',
  'bikes_change_1h',
]

const time = { type: 'long', logicalType: 'timestamp-millis' }

export const referenceSchema = JSON.stringify({
  type: 'record',
  name: 'ReferenceFeatures',
  namespace: 'io.velocast.bench',
  fields: [
    { name: 'systemId', type: 'string' },
    { name: 'stationId', type: 'string' },
    { name: 'asOf', type: time },
    { name: 'polledAt', type: time },
    ...referenceFeatures.map((name) => ({ name, type: 'float' })),
  ],
})

interface ReferenceRecord {
  systemId: string
  stationId: string
  asOf: number
}

export const referenceTopic: Topic<ReferenceRecord> = {
  // Not one of the catalogue's: the bench makes it.
  name: 'reference-features' as TopicName,
  cleanup: 'delete',
  retentionMs: null,
  timestamps: 'append',
  keyOf: ({ systemId, stationId }) => `${systemId}/${stationId}`,
  timeOf: ({ asOf }) => asOf,
  doc: 'the output of the small reference work',
}
