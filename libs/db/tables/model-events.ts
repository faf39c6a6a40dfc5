import { topics } from '@velocast/schemas'
import type { CopyColumn } from '../encode-rows.ts'
import { defineTopicTable } from './topic-table.ts'

/** Three topics tell one story, in one table: what a topic does not say is null. */
const head = [
  { name: 'system_id', type: 'text' },
  { name: 'model_name', type: 'text' },
  { name: 'model_version', type: 'text' },
  { name: 'event', type: 'text' },
  { name: 'happened_at', type: 'timestamptz' },
  { name: 'replica_id', type: 'text' },
  { name: 'promoted_at', type: 'timestamptz' },
] as const satisfies readonly CopyColumn[]

const key = ['system_id', 'model_name', 'happened_at', 'event', 'replica_id', 'model_version'] as const

export const modelsPromoted = defineTopicTable({
  topic: topics.modelPromoted,
  table: 'model_events',
  columns: [
    ...head,
    { name: 'run_id', type: 'text' },
    { name: 'trigger_id', type: 'text' },
    { name: 'previous_version', type: 'text' },
    { name: 'reason', type: 'text' },
    { name: 'artifact_uri', type: 'text' },
    { name: 'manifest_sha256', type: 'text' },
    { name: 'fingerprint', type: 'text' },
    { name: 'metrics', type: 'jsonb' },
  ],
  key,
  rowsFrom: (model) => [
    [
      model.systemId,
      model.modelName,
      model.modelVersion,
      'PROMOTED',
      model.promotedAt,
      '',
      model.promotedAt,
      model.runId,
      model.triggerId,
      model.previousVersion,
      model.reason,
      model.artifactUri,
      model.manifestSha256,
      model.fingerprint,
      model.metrics,
    ],
  ],
})

export const modelsActivated = defineTopicTable({
  topic: topics.modelActivated,
  table: 'model_events',
  columns: [...head, { name: 'previous_version', type: 'text' }, { name: 'metrics', type: 'jsonb' }],
  key,
  rowsFrom: (model) => [
    [
      model.systemId,
      model.modelName,
      model.modelVersion,
      'ACTIVATED',
      model.activatedAt,
      model.replicaId,
      model.promotedAt,
      model.previousVersion,
      {
        fetchMs: model.fetchMs,
        checkMs: model.checkMs,
        warmUpMs: model.warmUpMs,
        swapMs: model.swapMs,
        drainMs: model.drainMs,
      },
    ],
  ],
})

export const modelsRejected = defineTopicTable({
  topic: topics.modelRejected,
  table: 'model_events',
  columns: [
    ...head,
    { name: 'trigger_id', type: 'text' },
    { name: 'reason', type: 'text' },
    { name: 'detail', type: 'text' },
    { name: 'metrics', type: 'jsonb' },
  ],
  key,
  rowsFrom: (model) => [
    [
      model.systemId,
      model.modelName,
      model.modelVersion,
      'REJECTED',
      model.rejectedAt,
      model.replicaId,
      model.promotedAt,
      model.triggerId ?? null,
      model.reason,
      model.detail,
      model.metrics ?? {},
    ],
  ],
})
