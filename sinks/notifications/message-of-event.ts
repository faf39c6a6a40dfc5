/** What people are told of: which records, and in which words. Pure. */
import type { Alert, JobRun, ModelPromoted, ModelRejected, TopicName } from '@velocast/schemas'

export type MessageKind =
  | 'model-promoted'
  | 'model-not-better'
  | 'model-refused'
  | 'training-failed'
  | 'training-vetoed'
  | 'alert-raised'
  | 'alert-over'

export interface Message {
  kind: MessageKind
  systemId: string
  /** Epoch milliseconds. */
  happenedAt: number
  title: string
  lines: string[]
  /** All numbers of the record. */
  figures: Record<string, number>
}

/** Of whoever writes a stack trace into a record, a person reads the beginning. */
const LONGEST_LINE = 1_000

/** Null: nobody needs to be told. */
export const messageOfEvent = (topic: TopicName, value: unknown): Message | null => {
  const message = messages[topic as keyof typeof messages]?.(value as never) ?? null
  return message && { ...message, lines: message.lines.filter((line) => line !== '').map(shortened) }
}

const ofPromotion = (model: ModelPromoted): Message => {
  const { systemId, modelName, modelVersion, previousVersion, reason, metrics, promotedAt } = model
  return {
    kind: 'model-promoted',
    systemId,
    happenedAt: promotedAt,
    title: `${systemId}: version ${modelVersion} of ${modelName} is promoted, ${
      previousVersion === null ? 'the first' : `in place of version ${previousVersion}`
    }`,
    lines: [reason, ...numbersIn(metrics)],
    figures: metrics,
  }
}

const ofRejection = (model: ModelRejected): Message => {
  const { systemId, modelName, modelVersion, replicaId, reason, detail, metrics = {} } = model
  const common = { systemId, happenedAt: model.rejectedAt, figures: metrics }
  const version = `version ${modelVersion} of ${modelName}`
  return replicaId === 'training'
    ? {
        ...common,
        kind: 'model-not-better',
        title: `${systemId}: ${version} is not promoted, the one that serves stays`,
        lines: [detail, ...numbersIn(metrics)],
      }
    : {
        ...common,
        kind: 'model-refused',
        title: `${systemId}: ${replicaId} refuses ${version} (${reason}), and answers with the one before`,
        lines: [detail],
      }
}

/** Of a training that came to a decision, promotion or refusal tell; one that only waited for its cool-down is no news. */
const ofRun = (run: JobRun): Message | null => {
  const { systemId, job, runId, outcome, detail, figures, startedAt, endedAt } = run
  if (job !== 'training') return null
  const common = { systemId, happenedAt: endedAt ?? startedAt, figures }
  const took = figures.seconds === undefined ? '' : ` after ${seconds(figures.seconds)}`
  const lines = [detail ?? '', `Trigger ${runId}`]
  if (outcome === 'FAILED')
    return { ...common, kind: 'training-failed', title: `${systemId}: training failed${took}`, lines }
  if (outcome === 'SKIPPED' && (figures.vetoes ?? 0) > 0)
    return {
      ...common,
      kind: 'training-vetoed',
      title: `${systemId}: nothing was trained, the data is vetoed`,
      lines,
    }
  return null
}

const ofAlert = (alert: Alert): Message => {
  const { systemId, alert: name, severity, resolved, summary, action, raisedAt, resolvedAt } = alert
  return {
    kind: resolved ? 'alert-over' : 'alert-raised',
    systemId,
    happenedAt: resolvedAt ?? raisedAt,
    title: resolved ? `${systemId}: over: ${summary}` : `${systemId}: ${severity}: ${summary}`,
    lines: resolved ? [`${name}, raised ${new Date(raisedAt).toISOString()}`] : [action, name],
    figures: {},
  }
}

const messages = {
  'model-promoted': ofPromotion,
  'model-rejected': ofRejection,
  'job-runs': ofRun,
  alerts: ofAlert,
} as const satisfies Partial<Record<TopicName, (value: never) => Message | null>>

/** Those that are there: errors over all rows and by horizon, the gain, the time that it took. */
const numbersIn = (metrics: Record<string, number>): string[] => {
  const { gain, gain_lower95: lower95, seconds: took } = metrics
  return [
    errorIn(metrics, 'rmse', 'RMSE'),
    errorIn(metrics, 'mae', 'MAE'),
    gain === undefined
      ? ''
      : `Gain ${percent(gain)}${lower95 === undefined ? '' : `, at least ${percent(lower95)} at 95 %`}`,
    took === undefined ? '' : `Trained in ${seconds(took)}`,
  ]
}

const errorIn = (metrics: Record<string, number>, name: 'rmse' | 'mae', title: string): string => {
  const overall = metrics[name]
  if (overall === undefined) return ''
  const byHorizon = Object.entries(metrics)
    .flatMap(([key, value]) => {
      const hours = new RegExp(`^${name}_([\\d.]+)h$`).exec(key)?.[1]
      return hours === undefined ? [] : [{ hours: Number(hours), value }]
    })
    .sort((a, b) => a.hours - b.hours)
    .map(({ hours, value }) => `${hours} h ${value.toFixed(2)}`)
  return `${title} ${overall.toFixed(3)}${byHorizon.length > 0 ? ` (up to ${byHorizon.join(', ')})` : ''}`
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`
const seconds = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} s`
const shortened = (line: string): string =>
  line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)} …` : line
