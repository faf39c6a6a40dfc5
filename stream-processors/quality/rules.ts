import { type ObservationRule, observationRules } from '@velocast/features'
import type { Rule, StationRule } from './rule.ts'
import { hourRules } from './rules/hour-rules.ts'
import { pollRules } from './rules/poll-rules.ts'
import { stationRules } from './rules/station-rules.ts'
import { weatherRules } from './rules/weather-rules.ts'

/** Every rule, with these on single observations. */
export const rulesWith = (ofObservations: readonly ObservationRule[]): readonly Rule[] => [
  ...pollRules,
  ...ofObservations.map(judgedOfStations),
  ...stationRules,
  ...hourRules,
  ...weatherRules,
]

const judgedOfStations = (rule: ObservationRule): StationRule => ({
  ...rule,
  applies: 'station',
  unit: '% of the stations',
  find: ({ status }) => rule.find(status),
})

/**
 * Every rule. To add one, add an entry to the list of what it is judged on; what can be told of one observation alone is in
 * `observationRules` of the library of features, and its severity decides what the features processor does with it.
 */
export const rules: readonly Rule[] = rulesWith(observationRules)
