import type { Rule } from './rule.ts'
import { hourRules } from './rules/hour-rules.ts'
import { pollRules } from './rules/poll-rules.ts'
import { stationRules } from './rules/station-rules.ts'
import { weatherRules } from './rules/weather-rules.ts'

/** Every rule. To add one, add an entry to the list of what it is judged on. */
export const rules: readonly Rule[] = [...pollRules, ...stationRules, ...hourRules, ...weatherRules]
