import type { TopicRecord } from '@velocast/kafka'
import { topics } from '@velocast/schemas'

export const systemId = 'testville'

export const promotion = (modelVersion: string, promotedAt = Date.now()): TopicRecord => ({
  topic: topics.modelPromoted,
  value: {
    systemId,
    modelName: 'velocast',
    modelVersion,
    runId: null,
    triggerId: null,
    promotedAt,
    artifactUri: 'mlflow-artifacts:/1',
    manifestSha256: 'ab',
    features: ['bikes'],
    fingerprint: 'cd',
    previousVersion: null,
    reason: 'better',
    metrics: { rmse: 2 },
  },
})

export const alert = (name: string, raisedAt = Date.now()): TopicRecord => ({
  topic: topics.alerts,
  value: {
    systemId,
    alert: name,
    raisedAt,
    severity: 'WARNING',
    resolved: false,
    summary: `${name} is so`,
    action: 'Look.',
    resolvedAt: null,
  },
})

export const failedTraining = (runId: string, endedAt = Date.now()): TopicRecord => ({
  topic: topics.jobRuns,
  value: {
    systemId,
    job: 'training',
    runId,
    startedAt: endedAt - 1_000,
    endedAt,
    outcome: 'FAILED',
    detail: 'too little history',
    figures: { seconds: 1 },
  },
})
