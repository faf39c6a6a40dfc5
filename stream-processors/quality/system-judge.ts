/**
 * One system's quality: poll by poll in the log's order, the records and alerts that follow. A pure function of the
 * log up to the poll: no clock, and nothing of the past beyond what `memoryMs` and a day of hours hold.
 */
import type { Alert, DataQuality, FeedPoll, WeatherObservation } from '@velocast/schemas'
import { type AlertBook, createAlertBook } from './alert-book.ts'
import { createHourLog, type HourLog } from './hour-log.ts'
import { judge, type Verdict } from './judge.ts'
import { createOpenFindings, type OpenFindings } from './open-findings.ts'
import { createPollRhythm, type PollRhythm } from './poll-rhythm.ts'
import { pollsStopped } from './polls-stopped.ts'
import type { PollFacts, Rule, StationRule, WeatherFacts } from './rule.ts'
import type { StationChecks } from './station-timeline.ts'

export interface Judgement {
  results: DataQuality[]
  alerts: Alert[]
}

export interface PollEvidence {
  poll: FeedPoll
  /** Of a status poll; null where none of its stations is in the log (any more). */
  stations: StationChecks | null
  /** What a weather poll brought. */
  weather: readonly WeatherObservation[]
  /** What follows from it has been published before: alerts are not raised, but known from their own records. */
  isReplayed: boolean
}

export interface SystemJudge {
  judge: (evidence: PollEvidence) => Judgement
  /** Takes in an alert that has been published. */
  knowAlert: (alert: Alert) => void
  /** Whether an alert of this name and moment has been published. */
  hasAlert: (alert: Alert) => boolean
  /** Of the live polls. */
  rhythm: () => PollRhythm
}

export const STATUS_FEED = 'station_status'
const PAST_ENDS_AFTER_MS = 24 * 60 * 60 * 1000
/** Feeds of one system are polled at about the same time: what is older than the newest status by more is of the past. */
const SAME_TIME_MS = 2 * 60 * 60 * 1000

/** What is remembered in one direction of time: the live polls, or those of a back-fill beside them. */
interface Timeline {
  newest: number
  lastAnswerAt: number | null
  hours: HourLog
  findings: OpenFindings
  weather: Map<string, WeatherObservation>
  /** The newest weather poll that has been judged. */
  weatherPolledAt: number
  /** Where the live timeline was when this one was last added to. */
  liveAt: number
}

export const createSystemJudge = (systemId: string, rules: readonly Rule[]): SystemJudge => {
  const book: AlertBook = createAlertBook(systemId)
  const rhythm = createPollRhythm()
  const live = createTimeline(Number.NEGATIVE_INFINITY)
  let past: Timeline | null = null

  const timelineOf = ({ polledAt, feed }: FeedPoll): Timeline => {
    const isLive = feed === STATUS_FEED ? polledAt > live.newest : polledAt > live.newest - SAME_TIME_MS
    if (isLive) return live
    if (!past || polledAt < past.newest - SAME_TIME_MS || live.newest - past.liveAt > PAST_ENDS_AFTER_MS)
      past = createTimeline(live.newest)
    past.liveAt = live.newest
    return past
  }

  const resultOf = (
    rule: Rule,
    verdict: Verdict,
    checkedAt: number,
    example: string | null,
  ): DataQuality => ({
    systemId,
    stationId: null,
    rule: rule.name,
    checkedAt,
    status: verdict.status,
    expected: verdict.expected,
    actual: verdict.actual,
    detail: verdict.status === 'PASS' ? null : [example, rule.whatToDo].filter(Boolean).join('. '),
    vetoesTraining: rule.vetoesTraining && verdict.status === 'FAIL',
    value: verdict.value,
  })

  /** Adds what a measured value means to the judgement: its result, and the alert that follows from it. */
  const concluding =
    (judgement: Judgement, timeline: Timeline, isReplayed: boolean) =>
    (rule: Rule, value: number | null, at: number, example: string | null = null): void => {
      if (value === null) return
      const verdict = judge(rule, value)
      judgement.results.push(resultOf(rule, verdict, at, example))
      if (timeline === live) judgement.alerts.push(...toRaise(book.judged(rule, verdict, at), isReplayed))
    }

  const judgeStatusPoll = ({ poll, stations, isReplayed }: PollEvidence, timeline: Timeline): Judgement => {
    const { polledAt } = poll
    const judgement: Judgement = { results: [], alerts: [] }
    const conclude = concluding(judgement, timeline, isReplayed)

    for (const { endedAt, facts } of timeline.hours.add(poll))
      for (const rule of rules)
        if (rule.applies === 'hour')
          conclude(rule, rule.measure(facts), endedAt, rule.describe?.(facts) ?? null)

    if (poll.outcome !== 'FAILED') timeline.lastAnswerAt = polledAt
    const facts: PollFacts = {
      poll,
      stations: poll.outcome === 'PUBLISHED' ? poll.published : null,
      minutesSinceAnswer: timeline.lastAnswerAt === null ? null : (polledAt - timeline.lastAnswerAt) / 60_000,
      hoursSinceChange: stations?.hoursSinceChange ?? null,
    }
    for (const rule of rules) {
      if (rule.applies === 'poll')
        conclude(rule, rule.measure(facts), polledAt, rule.describe?.(facts) ?? null)
      if (rule.applies !== 'station' || !stations || stations.stations === 0) continue
      const findings = stations.findings.get(rule.name) ?? []
      const [first] = findings
      const example = first ? `For example ${first.stationId}: ${first.actual}` : null
      conclude(rule, (100 * findings.length) / stations.stations, polledAt, example)
      if (rule.severity === 'count') continue
      judgement.results.push(...stationResults(rule, timeline, stations, polledAt))
    }
    timeline.newest = polledAt
    if (timeline === live) judgement.alerts.push(...toRaise(endOfSilence(polledAt), isReplayed))
    return judgement
  }

  const stationResults = (
    rule: StationRule,
    { findings }: Timeline,
    stations: StationChecks,
    checkedAt: number,
  ): DataQuality[] =>
    findings
      .update(rule.name, stations.findings.get(rule.name) ?? [], checkedAt)
      .map(({ stationId, actual, isOver }) => ({
        systemId,
        stationId,
        rule: rule.name,
        checkedAt,
        status: isOver ? 'PASS' : rule.severity === 'dead-letter' ? 'FAIL' : 'WARN',
        expected: rule.title,
        actual,
        detail: isOver ? null : rule.whatToDo,
        vetoesTraining: false,
        value: null,
      }))

  /** The alert that the watch has raised, or would have if it had been there, is over with the first poll. */
  const endOfSilence = (polledAt: number): Alert | null => {
    const missedAt = rhythm.add(polledAt)
    return missedAt === null || missedAt >= polledAt
      ? null
      : { ...pollsStopped(systemId, missedAt), resolved: true, resolvedAt: polledAt }
  }

  /** What was published before a crash but not committed comes again: results under the same key, alerts not at all. */
  const toRaise = (alert: Alert | null, isReplayed: boolean): Alert[] =>
    alert && !isReplayed && book.know(alert) ? [alert] : []

  const judgeWeather = ({ poll, weather, isReplayed }: PollEvidence, timeline: Timeline): Judgement => {
    timeline.weatherPolledAt = Math.max(timeline.weatherPolledAt, poll.polledAt)
    const facts: WeatherFacts = {
      observations: weather,
      hasFailed: poll.outcome === 'FAILED',
      implausible: implausibleIn(poll),
      previous: ({ locationId }) => timeline.weather.get(locationId) ?? null,
    }
    const judgement: Judgement = { results: [], alerts: [] }
    const conclude = concluding(judgement, timeline, isReplayed)
    for (const rule of rules)
      if (rule.applies === 'weather')
        conclude(rule, rule.measure(facts), poll.polledAt, rule.describe?.(facts) ?? null)
    for (const observation of weather) {
      timeline.weather.set(observation.locationId, observation)
      timeline.hours.addWeather(observation)
    }
    return judgement
  }

  return {
    knowAlert: (alert) => void book.know(alert),
    hasAlert: book.has,
    rhythm: () => rhythm,
    judge(evidence) {
      const { poll, weather } = evidence
      // The very record again: a producer that was killed between publishing it and knowing so.
      if (poll.feed === STATUS_FEED && (poll.polledAt === live.newest || poll.polledAt === past?.newest))
        return { results: [], alerts: [] }
      const timeline = timelineOf(poll)
      if (poll.feed === STATUS_FEED) return judgeStatusPoll(evidence, timeline)
      timeline.hours.addOther(poll)
      // The weather now and its forecast are one poll with two records; the first of them speaks for it.
      const isFirst = isWeatherFeed(poll) && poll.polledAt > timeline.weatherPolledAt
      return isFirst || weather.length > 0 ? judgeWeather(evidence, timeline) : { results: [], alerts: [] }
    },
  }
}

const createTimeline = (liveAt: number): Timeline => ({
  newest: Number.NEGATIVE_INFINITY,
  lastAnswerAt: null,
  hours: createHourLog(),
  findings: createOpenFindings(),
  weather: new Map(),
  weatherPolledAt: Number.NEGATIVE_INFINITY,
  liveAt,
})

/** A provider's route; the operator's feeds have names without a stroke. */
const isWeatherFeed = ({ feed }: FeedPoll): boolean => feed.includes('/')

/** As the producer names what it makes unknown. */
const IMPLAUSIBLE = new Set(['weather-implausible', 'weather-unit-unknown'])

const implausibleIn = ({ oddities }: FeedPoll): WeatherFacts['implausible'] => {
  const found = oddities.filter(({ rule }) => IMPLAUSIBLE.has(rule))
  return { count: found.reduce((sum, { count }) => sum + count, 0), example: found[0]?.example ?? null }
}
