/**
 * Every topic: what it holds, how its records are keyed, and how long they are kept.
 *
 * All topics have the same number of partitions and are partitioned by murmur2 of the system's id, so that
 * partition n of one topic and partition n of another hold the same systems: a city is local to one processor.
 */
import type {
  Alert,
  ApiKey,
  AuditEntry,
  DataQuality,
  FeedPoll,
  ForecastAccuracy,
  JobRun,
  ModelActivated,
  ModelPromoted,
  ModelRejected,
  StationFlow,
  StationForecast,
  StationInformation,
  StationState,
  StationStatus,
  TrainingTrigger,
  WeatherForecast,
  WeatherObservation,
} from './generated/types.ts'
import type { StationVector } from './value-format.ts'

export const partitionCount = 24

const DAY_MS = 24 * 60 * 60 * 1000

/** Stands for the system's id in what is about all systems. No system can be called so. */
export const allSystems = '*'

export interface Topic<T> {
  readonly name: TopicName
  /** `compact`: the newest record of a key is kept for ever. `delete`: records are kept for `retentionMs`. */
  readonly cleanup: 'compact' | 'delete' | 'compact,delete'
  readonly retentionMs: number | null
  /**
   * What the records' timestamps are, by which Kafka deletes: the record's own time, or (`append`) the moment at which the
   * broker took it. What is derived goes by the latter: a back-fill computes what is weeks old, and whoever reads it
   * still has the whole retention to do so.
   */
  readonly timestamps: 'event' | 'append'
  /** The record's key. It begins with the system's id, by which the record is partitioned. */
  readonly keyOf: (value: T) => string
  /** The record's own time, epoch milliseconds. */
  readonly timeOf: (value: T) => number
  readonly doc: string
}

export type TopicName =
  | 'alerts'
  | 'api-keys'
  | 'audit-log'
  | 'data-quality'
  | 'feed-polls'
  | 'forecast-accuracy'
  | 'job-runs'
  | 'model-activated'
  | 'model-promoted'
  | 'model-rejected'
  | 'station-features'
  | 'station-flows'
  | 'station-forecasts'
  | 'station-information'
  | 'station-state'
  | 'station-status'
  | 'training-triggers'
  | 'weather-forecasts'
  | 'weather-observations'

const kept90Days = { cleanup: 'delete', retentionMs: 90 * DAY_MS, timestamps: 'event' } as const
/** What comes from files is as old as they are: by its own time it would be gone before anybody has read it. */
const kept90DaysFromAppend = { ...kept90Days, timestamps: 'append' } as const
const compacted = { cleanup: 'compact', retentionMs: null, timestamps: 'event' } as const
const compacted14Days = { cleanup: 'compact,delete', retentionMs: 14 * DAY_MS, timestamps: 'append' } as const

const kept400Days = { ...kept90Days, retentionMs: 400 * DAY_MS } as const

const byStation = (value: { systemId: string; stationId: string }): string =>
  `${value.systemId}/${value.stationId}`

export const topics = {
  stationInformation: {
    name: 'station-information',
    ...compacted,
    keyOf: byStation,
    timeOf: (value) => value.polledAt,
    doc: 'name, position, capacity',
  } satisfies Topic<StationInformation> as Topic<StationInformation>,
  stationStatus: {
    name: 'station-status',
    ...kept90Days,
    keyOf: byStation,
    timeOf: (value) => value.observedAt,
    doc: 'observations: every station of every poll whose feed has moved on',
  } satisfies Topic<StationStatus> as Topic<StationStatus>,
  feedPolls: {
    name: 'feed-polls',
    ...kept90Days,
    keyOf: (value) => `${value.systemId}/${value.feed}`,
    timeOf: (value) => value.polledAt,
    doc: 'one record a poll: it closes the poll, and says who was in it and who was missing',
  } satisfies Topic<FeedPoll> as Topic<FeedPoll>,
  weatherObservations: {
    name: 'weather-observations',
    ...kept90Days,
    keyOf: (value) => `${value.systemId}/${value.locationId}`,
    timeOf: (value) => value.polledAt,
    doc: 'the weather now',
  } satisfies Topic<WeatherObservation> as Topic<WeatherObservation>,
  weatherForecasts: {
    name: 'weather-forecasts',
    ...kept90Days,
    keyOf: (value) => `${value.systemId}/${value.locationId}`,
    timeOf: (value) => value.polledAt,
    doc: 'weather forecasts as issued',
  } satisfies Topic<WeatherForecast> as Topic<WeatherForecast>,
  stationFlows: {
    name: 'station-flows',
    ...kept90DaysFromAppend,
    keyOf: byStation,
    timeOf: (value) => value.hourAt,
    doc: 'departures and arrivals by the hour, from trip files',
  } satisfies Topic<StationFlow> as Topic<StationFlow>,
  stationState: {
    name: 'station-state',
    ...compacted,
    keyOf: byStation,
    timeOf: (value) => value.snapshotAt,
    doc: "snapshots of each station's history with its source offset: restore is read this, then the tail",
  } satisfies Topic<StationState> as Topic<StationState>,
  stationFeatures: {
    name: 'station-features',
    ...compacted14Days,
    keyOf: byStation,
    timeOf: (value) => value.asOf,
    doc: 'the feature vector at asOf',
  } satisfies Topic<StationVector> as Topic<StationVector>,
  stationForecasts: {
    name: 'station-forecasts',
    ...compacted14Days,
    keyOf: byStation,
    timeOf: (value) => value.asOf,
    doc: 'forecasts for downstream systems',
  } satisfies Topic<StationForecast> as Topic<StationForecast>,
  forecastAccuracy: {
    name: 'forecast-accuracy',
    ...kept90Days,
    keyOf: (value) => `${value.systemId}/${value.stationId ?? ''}`,
    timeOf: (value) => value.windowEndAt,
    doc: 'how good forecasts turned out to be',
  } satisfies Topic<ForecastAccuracy> as Topic<ForecastAccuracy>,
  dataQuality: {
    name: 'data-quality',
    ...kept90Days,
    keyOf: (value) => `${value.systemId}/${value.stationId ?? ''}`,
    timeOf: (value) => value.checkedAt,
    doc: 'results of the quality rules',
  } satisfies Topic<DataQuality> as Topic<DataQuality>,
  jobRuns: {
    name: 'job-runs',
    ...kept90Days,
    keyOf: (value) => `${value.systemId}/${value.runId}`,
    timeOf: (value) => value.endedAt ?? value.startedAt,
    doc: 'runs of jobs: polls, back-fills, trainings',
  } satisfies Topic<JobRun> as Topic<JobRun>,
  alerts: {
    name: 'alerts',
    ...kept90Days,
    keyOf: (value) => `${value.systemId}/${value.alert}`,
    timeOf: (value) => value.raisedAt,
    doc: 'what a person should know',
  } satisfies Topic<Alert> as Topic<Alert>,
  trainingTriggers: {
    name: 'training-triggers',
    ...kept90Days,
    keyOf: (value) => `${value.systemId}/${value.triggerId}`,
    timeOf: (value) => value.triggeredAt,
    doc: 'reasons to train: daily, on lost skill, by hand',
  } satisfies Topic<TrainingTrigger> as Topic<TrainingTrigger>,
  modelPromoted: {
    name: 'model-promoted',
    ...compacted,
    keyOf: (value) => `${value.systemId}/${value.modelName}`,
    timeOf: (value) => value.promotedAt,
    doc: 'the model to serve from now on',
  } satisfies Topic<ModelPromoted> as Topic<ModelPromoted>,
  modelActivated: {
    name: 'model-activated',
    ...kept90Days,
    keyOf: (value) => `${value.systemId}/${value.replicaId}`,
    timeOf: (value) => value.activatedAt,
    doc: 'a replica serves the model, with its timings',
  } satisfies Topic<ModelActivated> as Topic<ModelActivated>,
  modelRejected: {
    name: 'model-rejected',
    ...kept90Days,
    keyOf: (value) => `${value.systemId}/${value.replicaId}`,
    timeOf: (value) => value.rejectedAt,
    doc: 'a replica refuses the model, with the reason',
  } satisfies Topic<ModelRejected> as Topic<ModelRejected>,
  apiKeys: {
    name: 'api-keys',
    ...compacted,
    keyOf: (value) => `${value.systemId}/${value.keyId}`,
    timeOf: (value) => value.changedAt,
    doc: "keys of the API by their secrets' hashes: what each may do, until when",
  } satisfies Topic<ApiKey> as Topic<ApiKey>,
  auditLog: {
    name: 'audit-log',
    ...kept400Days,
    keyOf: (value) => `${value.systemId}/${value.auditId}`,
    timeOf: (value) => value.happenedAt,
    doc: 'who did what, or tried to, that changes how the system answers',
  } satisfies Topic<AuditEntry> as Topic<AuditEntry>,
} as const

// biome-ignore lint/suspicious/noExplicitAny: a list of topics of different records has no common value type.
export const allTopics: readonly Topic<any>[] = Object.values(topics)

/** Dead letters of a topic: the original bytes, and in the headers who refused them and why. */
export const deadLetterTopicName = (topic: string): string => `${topic}.dlq`

export const subjectOf = (topic: string): string => `${topic}-value`

const SYSTEM_ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/

/** The system's id is a part of keys, file names and metric labels, and must not hold what separates them. */
export const isSystemId = (value: string): boolean => SYSTEM_ID.test(value)
