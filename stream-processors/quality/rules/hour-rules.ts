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
    unit: 'new oddities',
    meaning:
      'Kinds of oddities in the feeds that no poll of the day before had: the operator has changed something.',
    whatToDo:
      '`velocast system check` lists them with an example each. What they say is understood all the same.',
    alert: { severity: 'INFO', afterMinutes: 0, clearAfterMinutes: 60 },
    measure: ({ newOddities }) => newOddities,
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
