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
  /** When it was over. */
  resolvedAt: number | null
}

/** A key of the API, as it stands since its last change. The key itself is known to its holder alone. */
export interface ApiKey {
  /** An asterisk: a key is for every system. */
  systemId: string
  /** Names the key, in the key itself, in logs and on the command line. */
  keyId: string
  /** Whose it is, or what for. */
  name: string
  /** SHA-256 of the key's secret, in hexadecimal digits. */
  secretSha256: string
  /** What it may be used for. */
  scopes: string[]
  /** By which its requests are limited. */
  tier: string
  /** When it was made. */
  createdAt: number
  /** By whom. */
  createdBy: string
  /** From when on it is refused; null: never. */
  expiresAt: number | null
  /** When it was revoked; null while it is good. */
  revokedAt: number | null
  /** When this was written: of two records of a key the later one holds. */
  changedAt: number
}

export type AuditOutcome = 'SUCCEEDED' | 'REFUSED' | 'FAILED'

/** What somebody did, or tried to do, that changes how the system answers. */
export interface AuditEntry {
  /** The system that it was about; an asterisk for all. */
  systemId: string
  /** Names this entry. */
  auditId: string
  /** When. */
  happenedAt: number
  /** Who: key:ID, token:SUBJECT, cli:USER, or local where nothing is asked for. */
  actor: string
  /** From where: an address, or the name of a machine. */
  source: string
  /** What: model.reload, model.rollback, key.create, key.revoke. */
  action: string
  /** On what: a version, the id of a key. */
  target: string
  /** How it went; REFUSED: it was not theirs to do, or made no sense. */
  outcome: AuditOutcome
  /** What came of it, or why not. */
  detail: string | null
  /** Which replica was asked; null where none was. */
  replicaId: string | null
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
  /** What was found, as a number in the rule's unit. */
  value: number | null
}

export type PollOutcome = 'PUBLISHED' | 'UNCHANGED' | 'FAILED'

/** What a feed did differently from its specification. */
export interface FeedOddity {
  /** The oddity's name, in kebab case. */
  rule: string
  /** Stations or values concerned. */
  count: number
  /** One of them, in words. */
  example: string
}

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
  /** What the document did differently from its specification and was understood all the same. */
  oddities: FeedOddity[]
  /** The version of GBFS as the feed says it; null where it says none, or no document was read. */
  version: string | null
  /** Names of the fields that any station of the document has a value in, sorted, at most 64. */
  fields: string[]
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
  /** The trigger whose model is refused, where it is the training's decision. */
  triggerId?: string | null
  /** Of the training's decision: the model's figures and those of the comparison. */
  metrics?: Record<string, number>
}

/** One float a feature; NaN where it is not known. Made from the declarations in libs/features. */
export interface FeatureVector {
  /** Bikes that can be rented. Unit: bikes. */
  bikes: number
  /** Docks that can take a bike. Unit: docks. */
  docks: number
  /** E-bikes that can be rented. Unit: bikes. */
  ebikes: number
  /** The part of the bikes that is electric. Unit: share. */
  ebike_share: number
  /** Docks in all, as published; else the sum of what is at the station. Unit: docks. */
  capacity: number
  /** How full the station is; above 1 where bikes stand beside the docks. Unit: share. */
  fill_ratio: number
  /** Bikes that are broken. Unit: bikes. */
  bikes_disabled: number
  /** Docks that are broken. Unit: docks. */
  docks_disabled: number
  /** The station is on the street. Unit: 0 or 1. */
  is_installed: number
  /** The station hands out bikes. Unit: 0 or 1. */
  is_renting: number
  /** The station takes bikes back. Unit: 0 or 1. */
  is_returning: number
  /** The age of the station's own report; 0 where its clock runs ahead. Unit: min. */
  report_age_min: number
  /** Where the station is. Unit: degrees north. */
  latitude: number
  /** Where the station is. Unit: degrees east. */
  longitude: number
  /** Bikes 15m ago. Unit: bikes. */
  bikes_lag_15m: number
  /** Bikes 30m ago. Unit: bikes. */
  bikes_lag_30m: number
  /** Bikes 45m ago. Unit: bikes. */
  bikes_lag_45m: number
  /** Bikes 1h ago. Unit: bikes. */
  bikes_lag_1h: number
  /** Bikes 2h ago. Unit: bikes. */
  bikes_lag_2h: number
  /** Bikes 3h ago. Unit: bikes. */
  bikes_lag_3h: number
  /** Bikes 6h ago. Unit: bikes. */
  bikes_lag_6h: number
  /** Bikes 12h ago. Unit: bikes. */
  bikes_lag_12h: number
  /** Bikes 24h ago. Unit: bikes. */
  bikes_lag_24h: number
  /** Bikes 48h ago. Unit: bikes. */
  bikes_lag_48h: number
  /** Bikes 168h ago. Unit: bikes. */
  bikes_lag_168h: number
  /** By how many the bikes have become more within 15m. Unit: bikes. */
  bikes_change_15m: number
  /** By how many the bikes have become more within 30m. Unit: bikes. */
  bikes_change_30m: number
  /** By how many the bikes have become more within 1h. Unit: bikes. */
  bikes_change_1h: number
  /** By how many the bikes have become more within 3h. Unit: bikes. */
  bikes_change_3h: number
  /** By how many the bikes have become more within 24h. Unit: bikes. */
  bikes_change_24h: number
  /** By how many the bikes have become more within 168h. Unit: bikes. */
  bikes_change_168h: number
  /** Mean of the bikes over 1h. Unit: bikes. */
  bikes_mean_1h: number
  /** Standard deviation of the bikes over 1h. Unit: bikes. */
  bikes_sd_1h: number
  /** Fewest bikes within 1h. Unit: bikes. */
  bikes_min_1h: number
  /** Most bikes within 1h. Unit: bikes. */
  bikes_max_1h: number
  /** Mean of the bikes over 3h. Unit: bikes. */
  bikes_mean_3h: number
  /** Standard deviation of the bikes over 3h. Unit: bikes. */
  bikes_sd_3h: number
  /** Fewest bikes within 3h. Unit: bikes. */
  bikes_min_3h: number
  /** Most bikes within 3h. Unit: bikes. */
  bikes_max_3h: number
  /** How much of the last 3h has been observed. Unit: share. */
  known_share_3h: number
  /** Mean of the bikes over 6h. Unit: bikes. */
  bikes_mean_6h: number
  /** Standard deviation of the bikes over 6h. Unit: bikes. */
  bikes_sd_6h: number
  /** Fewest bikes within 6h. Unit: bikes. */
  bikes_min_6h: number
  /** Most bikes within 6h. Unit: bikes. */
  bikes_max_6h: number
  /** Mean of the bikes over 24h. Unit: bikes. */
  bikes_mean_24h: number
  /** Standard deviation of the bikes over 24h. Unit: bikes. */
  bikes_sd_24h: number
  /** Fewest bikes within 24h. Unit: bikes. */
  bikes_min_24h: number
  /** Most bikes within 24h. Unit: bikes. */
  bikes_max_24h: number
  /** Mean of the bikes over 168h. Unit: bikes. */
  bikes_mean_168h: number
  /** Standard deviation of the bikes over 168h. Unit: bikes. */
  bikes_sd_168h: number
  /** Fewest bikes within 168h. Unit: bikes. */
  bikes_min_168h: number
  /** Most bikes within 168h. Unit: bikes. */
  bikes_max_168h: number
  /** Bikes that left within 1h, as far as observations show. Unit: bikes. */
  departures_1h: number
  /** Bikes that came within 1h, as far as observations show. Unit: bikes. */
  arrivals_1h: number
  /** Bikes that left within 3h, as far as observations show. Unit: bikes. */
  departures_3h: number
  /** Bikes that came within 3h, as far as observations show. Unit: bikes. */
  arrivals_3h: number
  /** Bikes that left within 6h, as far as observations show. Unit: bikes. */
  departures_6h: number
  /** Bikes that came within 6h, as far as observations show. Unit: bikes. */
  arrivals_6h: number
  /** Bikes that left within 24h, as far as observations show. Unit: bikes. */
  departures_24h: number
  /** Bikes that came within 24h, as far as observations show. Unit: bikes. */
  arrivals_24h: number
  /** E-bikes that left within 1h, as far as observations show. Unit: bikes. */
  ebike_departures_1h: number
  /** E-bikes that came within 1h, as far as observations show. Unit: bikes. */
  ebike_arrivals_1h: number
  /** The part of the last 1h without a bike. Unit: share. */
  empty_share_1h: number
  /** The part of the last 1h without a free dock. Unit: share. */
  full_share_1h: number
  /** The part of the last 3h without a bike. Unit: share. */
  empty_share_3h: number
  /** The part of the last 3h without a free dock. Unit: share. */
  full_share_3h: number
  /** The part of the last 6h without a bike. Unit: share. */
  empty_share_6h: number
  /** The part of the last 6h without a free dock. Unit: share. */
  full_share_6h: number
  /** The part of the last 24h without a bike. Unit: share. */
  empty_share_24h: number
  /** The part of the last 24h without a free dock. Unit: share. */
  full_share_24h: number
  /** The part of the last 168h without a bike. Unit: share. */
  empty_share_168h: number
  /** The part of the last 168h without a free dock. Unit: share. */
  full_share_168h: number
  /** Minutes of the last 24h with a bike to take: how long departures could happen. Unit: min. */
  bike_minutes_24h: number
  /** Minutes of the last 24h with a free dock: how long arrivals could happen. Unit: min. */
  dock_minutes_24h: number
  /** Jumps within 24h that look like a truck. Unit: jumps. */
  rebalancings_24h: number
  /** Time since the last jump that looks like a truck. Unit: min. */
  rebalancing_age_min: number
  /** Bikes as usual at this hour of the week. Unit: bikes. */
  climatology_bikes: number
  /** How much the bikes differ at this hour of the week. Unit: bikes. */
  climatology_sd: number
  /** How much of the last 672h, which are 28 days, has been observed. Unit: share. */
  known_share_672h: number
  /** How full the neighbours are, the bikes of all in relation to the docks of all. Unit: share. */
  neighbours_fill: number
  /** By how much the neighbours have become fuller within 1h. Unit: share. */
  neighbours_fill_change_1h: number
  /** How many of the 5 nearest stations that were observed in the 24 h before have no bike. Unit: share. */
  neighbours_empty_share: number
  /** How many of the neighbours have no free dock. Unit: share. */
  neighbours_full_share: number
  /** How full all stations of the system are, the bikes of all in relation to the docks of all. Unit: share. */
  system_fill: number
  /** By how much all stations of the system have become fuller within 1h. Unit: share. */
  system_fill_change_1h: number
  /** How many of all stations of the system have no bike. Unit: share. */
  system_empty_share: number
  /** Local time of day on a circle. Unit: -1 to 1. */
  hour_sin: number
  /** Local time of day on a circle. Unit: -1 to 1. */
  hour_cos: number
  /** Local day of the week on a circle. Unit: -1 to 1. */
  weekday_sin: number
  /** Local day of the week on a circle. Unit: -1 to 1. */
  weekday_cos: number
  /** Saturday or Sunday. Unit: 0 or 1. */
  is_weekend: number
  /** A public holiday. Unit: 0 or 1. */
  is_holiday: number
  /** The day before a public holiday. Unit: 0 or 1. */
  is_holiday_eve: number
  /** A day without school that is no weekend, as far as the holidays of the schools are known. Unit: 0 or 1. */
  is_school_free: number
  /** Air temperature. Unit: °C. */
  temperature_c: number
  /** Apparent temperature. Unit: °C. */
  feels_like_c: number
  /** Relative humidity. Unit: %. */
  humidity_percent: number
  /** Wind speed. Unit: m/s. */
  wind_mps: number
  /** Precipitation of the last hour. Unit: mm. */
  precipitation_mm: number
  /** Cloud cover. Unit: %. */
  cloud_cover_percent: number
  /** Air pressure at sea level. Unit: hPa. */
  pressure_hpa: number
  /** By how much it has become warmer within 3h. Unit: °C. */
  temperature_change_3h_c: number
  /** Time since the weather was read. Unit: min. */
  weather_age_min: number
  /** Precipitation of the last 3h. Unit: mm. */
  precipitation_3h_mm: number
}

/** The feature vector of a station at asOf. */
export interface StationFeatures {
  /** The operator's feed. */
  systemId: string
  /** The station, as the operator's feed names it. */
  stationId: string
  /** The moment whose knowledge it holds: the observation's observedAt. */
  asOf: number
  /** When that observation was read. */
  polledAt: number
  /** The vector. */
  features: FeatureVector
}

export type FlowOrigin = 'TRIPS'

/** Trips that began and ended at a station in one hour. Hours without any have no record. */
export interface StationFlow {
  /** The operator's feed. */
  systemId: string
  /** The station, as the operator's feed names it, or as the trips do where the feed no longer knows it. */
  stationId: string
  /** The moment at which the hour begins, a full hour in UTC. */
  hourAt: number
  /** Trips that began here. */
  departures: number
  /** Trips that ended here. */
  arrivals: number
  /** Of the departures, on electric bikes; null where the trips do not all say. */
  ebikeDepartures: number | null
  /** Of the arrivals, on electric bikes; null where the trips do not all say. */
  ebikeArrivals: number | null
  /** What it was counted from: the operator's trip files. */
  origin: FlowOrigin
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
  /** The observedAt of the station's newest observation inside. */
  snapshotAt: number
  /** All observations of station-status up to this offset are inside. */
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
