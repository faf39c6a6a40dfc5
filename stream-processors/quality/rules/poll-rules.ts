import type { PollRule } from '../rule.ts'

const percent = (part: number, whole: number): number | null => (whole > 0 ? (100 * part) / whole : null)

export const pollRules: readonly PollRule[] = [
  {
    applies: 'poll',
    name: 'completeness',
    title: 'All stations are in the poll',
    severity: 'flag',
    vetoesTraining: true,
    warnAt: 98,
    failAt: 80,
    unit: '% of the known stations',
    meaning: 'Stations with a status, of those that station_information names.',
    whatToDo:
      'See `missing_stations` in feed_polls: an operator that closes a district or a part of a feed that fails looks like this.',
    alert: { severity: 'WARNING', afterMinutes: 20, clearAfterMinutes: 45 },
    measure: ({ poll, stations }) =>
      stations === null ? null : percent(stations, stations + poll.missingStations.length),
  },
  {
    applies: 'poll',
    name: 'rejected-stations',
    title: 'No station is refused',
    severity: 'dead-letter',
    vetoesTraining: true,
    warnAt: 1,
    failAt: 10,
    unit: '% of the stations',
    meaning:
      'Stations whose numbers cannot be true (negative, not whole, too large): the producer keeps them out.',
    whatToDo: "The producer's log names the stations and the rule they break; tell the operator.",
    alert: { severity: 'WARNING', afterMinutes: 20, clearAfterMinutes: 45 },
    measure: ({ poll, stations }) =>
      stations === null ? null : percent(poll.rejected, stations + poll.rejected),
  },
  {
    applies: 'poll',
    name: 'feed-age',
    title: "The feed's content is fresh",
    severity: 'flag',
    vetoesTraining: true,
    warnAt: 20,
    failAt: 60,
    unit: 'minutes',
    meaning: 'Between the moment that the newest content is from (`last_updated`) and the poll.',
    whatToDo:
      "The operator's server answers with old content. Forecasts go on and say their age; ask the operator if it lasts.",
    alert: { severity: 'WARNING', afterMinutes: 10, clearAfterMinutes: 30 },
    measure: ({ poll }) =>
      poll.feedUpdatedAt === null ? null : Math.max(0, (poll.polledAt - poll.feedUpdatedAt) / 60_000),
  },
  {
    applies: 'poll',
    name: 'feed-silence',
    title: 'The operator answers',
    severity: 'flag',
    vetoesTraining: true,
    warnAt: 15,
    failAt: 45,
    unit: 'minutes',
    meaning:
      'Since the last poll that was answered with a readable document. (A producer that is down makes no polls: see the alert polls-stopped.)',
    whatToDo:
      '`detail` in feed_polls says why polls fail: address, key, network, or a document that is not GBFS.',
    alert: { severity: 'CRITICAL', afterMinutes: 0, clearAfterMinutes: 30 },
    measure: ({ minutesSinceAnswer }) => minutesSinceAnswer,
  },
  {
    applies: 'poll',
    name: 'feed-frozen',
    title: 'Something moves',
    severity: 'flag',
    vetoesTraining: true,
    warnAt: 8,
    failAt: 14,
    unit: 'hours',
    meaning:
      'Since the numbers of any station were last different: a feed can go on saying "now" over yesterday\'s content.',
    whatToDo:
      "Compare with the operator's own map; tell the operator. A system that is closed for the winter looks like this too: turn the rule off for it.",
    alert: { severity: 'WARNING', afterMinutes: 0, clearAfterMinutes: 30 },
    measure: ({ hoursSinceChange }) => hoursSinceChange,
  },
  {
    applies: 'poll',
    name: 'clock-ahead',
    title: "The operator's clock is right",
    severity: 'count',
    vetoesTraining: false,
    warnAt: 1,
    failAt: null,
    unit: 'documents',
    meaning: 'The feed says that it is from the future; it is taken to be from the moment of the poll.',
    whatToDo: "Check this machine's clock first; then it is the operator's.",
    measure: ({ poll, stations }) =>
      stations === null
        ? null
        : poll.oddities.filter(({ rule }) => rule === 'last-updated-in-the-future').length,
  },
]
