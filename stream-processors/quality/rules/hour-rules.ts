import type { HourRule } from '../rule.ts'

export const hourRules: readonly HourRule[] = [
  {
    applies: 'hour',
    name: 'missing-polls',
    title: 'Polls come regularly',
    severity: 'flag',
    // Less history is not wrong history: the features of such times are NaN.
    vetoesTraining: false,
    warnAt: 32,
    failAt: 92,
    unit: 'minutes',
    meaning: 'The longest time without a poll that reaches into the hour.',
    whatToDo:
      'The producer was down or its machine too busy. What the operator said meanwhile is lost; `velocast backfill` can fill it in where somebody recorded it.',
    measure: ({ longestGapMinutes }) => longestGapMinutes,
  },
  {
    applies: 'hour',
    name: 'failed-polls',
    title: 'Polls succeed',
    severity: 'count',
    vetoesTraining: false,
    warnAt: 10,
    failAt: 60,
    unit: '% of the polls',
    meaning: 'Polls of the hour that brought nothing: no answer, or one that is not GBFS.',
    whatToDo: '`detail` in feed_polls says why.',
    measure: ({ polls, failed }) => (polls > 0 ? (100 * failed) / polls : null),
  },
  {
    applies: 'hour',
    name: 'station-count',
    title: 'As many stations as yesterday',
    severity: 'flag',
    vetoesTraining: true,
    warnAt: 5,
    failAt: 25,
    unit: '% more or fewer',
    meaning: 'Stations in the polls of the hour, against the median of the day before.',
    whatToDo:
      'Many at once: the operator has opened or closed a part of the city, or the feed leaves a part out.',
    alert: { severity: 'WARNING', afterMinutes: 0, clearAfterMinutes: 60 },
    measure: ({ stations, stationsBefore }) =>
      stations === null || !stationsBefore
        ? null
        : (100 * Math.abs(stations - stationsBefore)) / stationsBefore,
  },
  {
    applies: 'hour',
    name: 'schema-drift',
    title: 'The feed speaks as it did yesterday',
    severity: 'count',
    vetoesTraining: false,
    warnAt: 1,
    failAt: 4,
    unit: 'changes',
    meaning:
      'What no poll of the day before had: another version of GBFS, fields that have come, kinds of oddities; and fields that most of its hours had and this one has not.',
    whatToDo:
      '`velocast system check` shows the feed as it is now. What is new is understood all the same; what is gone is missing in the features: ask the operator.',
    alert: { severity: 'INFO', afterMinutes: 0, clearAfterMinutes: 60 },
    measure: ({ changes }) => changes?.length ?? null,
    describe: ({ changes }) => listed(changes ?? []),
  },
  {
    applies: 'hour',
    name: 'weather-age',
    title: 'The weather is fresh',
    severity: 'flag',
    vetoesTraining: false,
    warnAt: 95,
    failAt: 240,
    unit: 'minutes',
    meaning: 'Age of the newest weather observation when the hour was over.',
    whatToDo:
      "The provider's polls in feed_polls say why. Forecasts go on without weather, and are a little worse.",
    alert: { severity: 'WARNING', afterMinutes: 0, clearAfterMinutes: 60 },
    measure: ({ weatherAgeMinutes }) => weatherAgeMinutes,
  },
]

const MOST_NAMED = 10

const listed = (names: readonly string[]): string | null => {
  const left = names.length - MOST_NAMED
  const named = names.slice(0, MOST_NAMED).join(', ')
  return left > 0 ? `${named} and ${left} more` : named || null
}
