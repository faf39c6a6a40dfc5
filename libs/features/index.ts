export { type Calendar, type CalendarOptions, createCalendar, type LocalTime } from './calendar.ts'
export { maxIntervalMs, rebalancingJump } from './count-interval.ts'
export type { Outcome } from './enter-observation.ts'
export { isPastKnown } from './families/target-past.ts'
export type { Feature } from './feature.ts'
export { forecastAsOf } from './forecast-as-of.ts'
export { historyFormat, snapshotLevels } from './history-snapshot.ts'
export type { ObservationRule, ObservationSeverity } from './observation-rule.ts'
export { observationRules, refusalOf } from './observation-rules.ts'
export { fingerprintOf, modelFeatureNames } from './registry.ts'
export { maxLatenessMs, slotMs, slotOf, warmUpMs } from './slots.ts'
export { createSystemHistory, type SystemHistory, type SystemHistoryOptions } from './system-history.ts'
export {
  type BikesIn,
  createSystemPast,
  noPast,
  type StationPast,
  type SystemPast,
} from './system-past.ts'
export { targetFeatureNames, targetFeatures, writeTargetFeatures } from './target-features.ts'
export type { TargetInputs } from './target-inputs.ts'
export { vectorFeatureNames, vectorFeatures } from './vector-features.ts'
export { defaultGuardMs } from './weather-history.ts'
export { type WeatherLocation, weatherLocationOf } from './weather-locations.ts'
