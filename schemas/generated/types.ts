// Made from avro/*.avsc by generate-types.ts. Change those, then run it again.

export type Severity = 'INFO' | 'WARNING' | 'CRITICAL'

/** Something that a person should know. */
export interface Alert {
  /** The operator's feed. */
  systemId: string
  /** The alert's name. */
  alert: string
  /** When. */
  raisedAt: number
  /** How bad. */
  severity: Severity
  /** It is over. */
  resolved: boolean
  /** What is wrong. */
  summary: string
  /** What to do. */
  action: string
}

export type QualityStatus = 'PASS' | 'WARN' | 'FAIL'

/** The result of one rule on one poll or hour. */
export interface DataQuality {
  /** The operator's feed. */
  systemId: string
  /** Null: the whole system. */
  stationId: string | null
  /** The rule's name. */
  rule: string
  /** The moment that was judged. */
  checkedAt: number
  /** The verdict. */
  status: QualityStatus
  /** What the rule wants. */
  expected: string | null
  /** What was found. */
  actual: string | null
  /** What to do. */
  detail: string | null
  /** Training must not use this. */
  vetoesTraining: boolean
}

export type PollOutcome = 'PUBLISHED' | 'UNCHANGED' | 'FAILED'

/** One poll of one feed: it closes the poll and says who was in it. */
export interface FeedPoll {
  /** The operator's feed. */
  systemId: string
  /** The feed's name in gbfs.json, or the weather provider's route. */
  feed: string
  /** When the poll began. */
  polledAt: number
  /** The feed's last_updated. */
  feedUpdatedAt: number | null
  /** What came of it. */
  outcome: PollOutcome
  /** Stations in the document. */
  stations: number
  /** Records published. */
  published: number
  /** Stations whose values could not be used. */
  rejected: number
  /** Stations known from station-information that the document left out. */
  missingStations: string[]
  /** From request to parsed document. */
  latencyMs: number
  /** Why it failed. */
  detail: string | null
}

/** How good forecasts turned out to be, over a window of targets. */
export interface ForecastAccuracy {
  /** The operator's feed. */
  systemId: string
  /** Null: all stations of the system. */
  stationId: string | null
  /** The model. */
  modelName: string
  /** Its version. */
  modelVersion: string
  /** How far ahead. */
  horizonMinutes: number
  /** First target. */
  windowStartAt: number
  /** End of the targets, exclusive. */
  windowEndAt: number
  /** Forecasts scored. */
  count: number
  /** Root mean squared error, bikes. */
  rmse: number
  /** Mean absolute error of the median, bikes. */
  mae: number
  /** The same for damped persistence. */
  rmseDamped: number
  /** Share inside the 90 % interval. */
  coverage90: number
  /** Brier score of the bike probability. */
  brierBike: number
  /** Brier score of the dock probability. */
  brierDock: number
}

export type JobOutcome = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'SKIPPED'

/** One run of a job: a poll, a back-fill, a training. */
export interface JobRun {
  /** The operator's feed. */
  systemId: string
  /** The job's name. */
  job: string
  /** Names this run. */
  runId: string
  /** Start. */
  startedAt: number
  /** End; null while it runs. */
  endedAt: number | null
  /** How it went. */
  outcome: JobOutcome
  /** What came of it, or why it failed. */
  detail: string | null
  /** Counts and seconds. */
  figures: Record<string, number>
}

/** A predictor serves the model. */
export interface ModelActivated {
  /** The operator's feed. */
  systemId: string
  /** The registered model. */
  modelName: string
  /** Its version. */
  modelVersion: string
  /** The predictor that answers. */
  replicaId: string
  /** The promotion that is answered. */
  promotedAt: number
  /** The first moment at which it answers with this model. */
  activatedAt: number
  /** Fetching the bundle. */
  fetchMs: number
  /** Checksums, fingerprint, golden rows. */
  checkMs: number
  /** First runs. */
  warmUpMs: number
  /** The swap itself. */
  swapMs: number
  /** Until the last request on the old model ended. */
  drainMs: number
  /** The version served until then. */
  previousVersion: string | null
}

/** The model that predictors are to serve from now on. A rollback is the same record, naming an older version. */
export interface ModelPromoted {
  /** The operator's feed. */
  systemId: string
  /** The registered model. */
  modelName: string
  /** Its version in the registry. */
  modelVersion: string
  /** The run that trained it. */
  runId: string | null
  /** The trigger that led to it; null when a person promoted it. */
  triggerId: string | null
  /** When. */
  promotedAt: number
  /** The bundle's folder: mlflow-artifacts:/… or an absolute address. */
  artifactUri: string
  /** SHA-256 of the bundle's manifest.json, which holds those of the other files. */
  manifestSha256: string
  /** The names of the graph's inputs, in order. */
  features: string[]
  /** SHA-256 of the feature list and its formulas' versions. */
  fingerprint: string
  /** The version served until now. */
  previousVersion: string | null
  /** Why it was promoted. */
  reason: string
  /** Its figures on the newest rows. */
  metrics: Record<string, number>
}

export type RejectionReason = 'UNREACHABLE' | 'CHECKSUM' | 'FINGERPRINT' | 'GOLDEN_ROWS' | 'UNREADABLE' | 'WARM_UP' | 'NOT_BETTER' | 'OTHER'

/** A predictor, or the training's decision, refuses the model; the old one goes on serving. */
export interface ModelRejected {
  /** The operator's feed. */
  systemId: string
  /** The registered model. */
  modelName: string
  /** Its version. */
  modelVersion: string
  /** The predictor that answers. */
  replicaId: string
  /** The promotion that is answered. */
  promotedAt: number
  /** When. */
  rejectedAt: number
  /** What was wrong. */
  reason: RejectionReason
  /** In words: what was expected, what was found. */
  detail: string
}

export interface FeatureVector {
  bikes: number
}

/** The feature vector of a station at asOf. */
export interface StationFeatures {
  /** The operator's feed. */
  systemId: string
  /** The station. */
  stationId: string
  /** The moment whose knowledge it holds: the observation's observedAt. */
  asOf: number
  /** When that observation was read. */
  polledAt: number
  /** One float a feature; NaN where it is not known. Declared in libs/features, from which this list is generated. */
  features: FeatureVector
}

/** What will be at a station. The arrays run along targetAt. */
export interface StationForecast {
  /** The operator's feed. */
  systemId: string
  /** The station, as the operator's feed names it. */
  stationId: string
  /** The moment whose knowledge it holds. */
  asOf: number
  /** The model. */
  modelName: string
  /** Its version. */
  modelVersion: string
  /** The moments it is for, ascending. */
  targetAt: number[]
  /** Expected bikes. */
  bikesMean: number[]
  /** 5 % quantile of bikes. */
  bikesQ05: number[]
  /** Median of bikes. */
  bikesQ50: number[]
  /** 95 % quantile of bikes. */
  bikesQ95: number[]
  /** Probability of at least one bike. */
  bikeProbability: number[]
  /** Probability of at least one dock. */
  dockProbability: number[]
  /** Expected departures in the hour that ends at the target. */
  departuresMean: number[]
}

/** What a station is: published when it is new or has changed. */
export interface StationInformation {
  /** The operator's feed. */
  systemId: string
  /** The station, as the operator's feed names it. */
  stationId: string
  /** The name shown to riders. */
  name: string
  /** Degrees north, WGS 84. */
  latitude: number
  /** Degrees east, WGS 84. */
  longitude: number
  /** Docks in all, broken ones included; null where the operator publishes none. */
  capacity: number | null
  /** A station without docks. */
  isVirtual: boolean
  /** The operator's region. */
  regionId: string | null
  /** When the feed was read. */
  polledAt: number
}

/** A snapshot of a station's history, from which a processor starts again. */
export interface StationState {
  /** The operator's feed. */
  systemId: string
  /** The station, as the operator's feed names it. */
  stationId: string
  /** The observedAt of the newest observation inside. */
  snapshotAt: number
  /** The offset in station-status of the newest observation inside. */
  sourceOffset: number
  /** The layout of history. */
  format: number
  /** The history, as libs/features writes it. */
  history: Buffer
}

export type ObservationOrigin = 'REPORTED' | 'RECONSTRUCTED'

/** An observation: one station in one poll of a feed that has moved on. */
export interface StationStatus {
  /** The operator's feed. */
  systemId: string
  /** The station, as the operator's feed names it. */
  stationId: string
  /** The moment that the feed's content is from: its last_updated, never later than polledAt. */
  observedAt: number
  /** When the feed was read: the moment from which this was known. */
  polledAt: number
  /** When the station itself last reported, where the operator says so. */
  reportedAt: number | null
  /** Vehicles that can be rented. */
  bikes: number
  /** Of these, electric; null where not published. */
  ebikes: number | null
  /** Docks that can take a vehicle; null where not published. */
  docks: number | null
  /** Vehicles that are broken. */
  bikesDisabled: number
  /** Docks that are broken. */
  docksDisabled: number
  /** The station is on the street. */
  isInstalled: boolean
  /** The station hands out vehicles. */
  isRenting: boolean
  /** The station takes vehicles back. */
  isReturning: boolean
  /** The station's capacity as last published before this poll: an observation holds all that a feature needs. */
  capacity: number | null
  /** Degrees north, as last published before this poll. */
  latitude: number | null
  /** Degrees east, as last published before this poll. */
  longitude: number | null
  /** Reported by the operator, or reconstructed from trips. */
  origin: ObservationOrigin
}

export type TrainingCause = 'DAILY' | 'LOST_SKILL' | 'MANUAL'

export type PromotionPolicy = 'IF_BETTER' | 'ALWAYS'

/** A reason to train. Two with the same triggerId are one. */
export interface TrainingTrigger {
  /** The operator's feed. */
  systemId: string
  /** System, cause and date: the idempotence key. */
  triggerId: string
  /** Why. */
  cause: TrainingCause
  /** When. Training uses nothing that became known later. */
  triggeredAt: number
  /** What decides the promotion: the comparison, or the person who asks. */
  policy: PromotionPolicy
  /** Who asked, when a person did. */
  requestedBy: string | null
  /** The figures that led to it. */
  evidence: Record<string, number>
}

/** A weather forecast as it was issued. The arrays run along validAt. */
export interface WeatherForecast {
  /** The operator's feed. */
  systemId: string
  /** The point in the system's area that the weather is for. */
  locationId: string
  /** Who says so. */
  provider: string
  /** When the provider issued it. */
  issuedAt: number
  /** When it was read: the moment from which this was known. */
  polledAt: number
  /** The moments that the values are for, ascending. */
  validAt: number[]
  /** Air temperature; NaN where unknown, as in all floats of this record. */
  temperatureC: number[]
  /** Relative humidity. */
  humidityPercent: number[]
  /** Wind speed, metres a second. */
  windSpeedMps: number[]
  /** Precipitation of the hour that ends then, millimetres. */
  precipitationMm: number[]
}

/** The weather now, at one point. */
export interface WeatherObservation {
  /** The operator's feed. */
  systemId: string
  /** The point in the system's area that the weather is for. */
  locationId: string
  /** Who says so. */
  provider: string
  /** The moment that the provider says it is for. */
  observedAt: number
  /** When it was read: the moment from which this was known. */
  polledAt: number
  /** Air temperature; NaN where unknown, as in all floats of this record. */
  temperatureC: number
  /** Apparent temperature. */
  feelsLikeC: number
  /** Relative humidity. */
  humidityPercent: number
  /** Wind speed at 10 m, metres a second. */
  windSpeedMps: number
  /** Precipitation of the last hour, millimetres. */
  precipitationMm: number
  /** Cloud cover. */
  cloudCoverPercent: number
  /** Pressure at sea level. */
  pressureHpa: number
  /** Visibility in metres. */
  visibilityM: number
  /** One word: clear, clouds, fog, drizzle, rain, snow, thunderstorm, unknown. */
  condition: string
}
