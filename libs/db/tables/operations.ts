import { topics } from '@velocast/schemas'
import { defineTopicTable } from './topic-table.ts'

export const dataQuality = defineTopicTable({
  topic: topics.dataQuality,
  table: 'data_quality',
  columns: [
    { name: 'system_id', type: 'text' },
    { name: 'station_id', type: 'text' },
    { name: 'rule', type: 'text' },
    { name: 'checked_at', type: 'timestamptz' },
    { name: 'status', type: 'text' },
    { name: 'expected', type: 'text' },
    { name: 'actual', type: 'text' },
    { name: 'detail', type: 'text' },
    { name: 'vetoes_training', type: 'boolean' },
    { name: 'value', type: 'double' },
  ],
  key: ['system_id', 'station_id', 'rule', 'checked_at'],
  rowsFrom: (result) => [
    [
      result.systemId,
      result.stationId,
      result.rule,
      result.checkedAt,
      result.status,
      result.expected,
      result.actual,
      result.detail,
      result.vetoesTraining,
      result.value,
    ],
  ],
})

export const jobRuns = defineTopicTable({
  topic: topics.jobRuns,
  table: 'job_runs',
  columns: [
    { name: 'system_id', type: 'text' },
    { name: 'job', type: 'text' },
    { name: 'run_id', type: 'text' },
    { name: 'started_at', type: 'timestamptz' },
    { name: 'ended_at', type: 'timestamptz' },
    { name: 'outcome', type: 'text' },
    { name: 'detail', type: 'text' },
    { name: 'figures', type: 'jsonb' },
  ],
  key: ['system_id', 'run_id', 'started_at'],
  rowsFrom: (run) => [
    [run.systemId, run.job, run.runId, run.startedAt, run.endedAt, run.outcome, run.detail, run.figures],
  ],
})

export const trainingTriggers = defineTopicTable({
  topic: topics.trainingTriggers,
  table: 'training_triggers',
  columns: [
    { name: 'system_id', type: 'text' },
    { name: 'trigger_id', type: 'text' },
    { name: 'cause', type: 'text' },
    { name: 'triggered_at', type: 'timestamptz' },
    { name: 'policy', type: 'text' },
    { name: 'requested_by', type: 'text' },
    { name: 'evidence', type: 'jsonb' },
  ],
  key: ['system_id', 'trigger_id'],
  stays: { which: 'latest', by: 'triggered_at' },
  rowsFrom: (trigger) => [
    [
      trigger.systemId,
      trigger.triggerId,
      trigger.cause,
      trigger.triggeredAt,
      trigger.policy,
      trigger.requestedBy,
      trigger.evidence,
    ],
  ],
})

export const alerts = defineTopicTable({
  topic: topics.alerts,
  table: 'alerts',
  columns: [
    { name: 'system_id', type: 'text' },
    { name: 'alert', type: 'text' },
    { name: 'raised_at', type: 'timestamptz' },
    { name: 'severity', type: 'text' },
    { name: 'resolved', type: 'boolean' },
    { name: 'summary', type: 'text' },
    { name: 'action', type: 'text' },
    { name: 'resolved_at', type: 'timestamptz' },
  ],
  key: ['system_id', 'alert', 'raised_at'],
  rowsFrom: (alert) => [
    [
      alert.systemId,
      alert.alert,
      alert.raisedAt,
      alert.severity,
      alert.resolved,
      alert.summary,
      alert.action,
      alert.resolvedAt,
    ],
  ],
})
