/**
 * feed-polls, with what station-status and weather-observations hold of each poll → data-quality and alerts.
 *
 * A poll's record comes after its observations are acknowledged, and the sides are caught up with before it is handled: the
 * rules see the whole poll. What they say is a pure function of the log up to the poll's record, under a natural
 * key; what was committed is replayed in silence after a restart, and nothing is said twice.
 */
import type { PartitionStage, PartitionTask, TopicRecord } from '@velocast/kafka'
import type { System } from '@velocast/runtime'
import {
  type Alert,
  type FeedPoll,
  type StationStatus,
  topics,
  type WeatherObservation,
} from '@velocast/schemas'
import { memoryMs, type Rule } from './rule.ts'
import { rules as allRules } from './rules.ts'
import { rulesOfSystem } from './rules-of-system.ts'
import { createStationFold, type StationFold } from './station-fold.ts'
import { createSystemJudge, STATUS_FEED, type SystemJudge } from './system-judge.ts'
import type { QualityTelemetry } from './telemetry.ts'
import { createWeatherShelf, type WeatherShelf } from './weather-shelf.ts'

export interface QualityChecks {
  stage: PartitionStage<FeedPoll>
  /** The judges of the systems in these partitions. */
  judgesIn: (partitions: readonly number[]) => { systemId: string; judge: SystemJudge }[]
}

export interface QualityChecksOptions {
  systems: readonly System[]
  telemetry: QualityTelemetry
  /** By default all that there are. */
  rules?: readonly Rule[]
}

/** A poll is some twenty records: so many polls are a few thousand records between two commits. */
const POLLS_AT_ONCE = 200

/** Throws a ConfigError when a system names a rule that there is not. */
export const qualityChecks = ({
  systems,
  telemetry,
  rules = allRules,
}: QualityChecksOptions): QualityChecks => {
  const rulesOf = new Map(systems.map((system) => [system.systemId, rulesOfSystem(rules, system)]))
  const open = new Map<number, Map<string, SystemState>>()
  return {
    stage: {
      group: 'quality',
      input: topics.feedPolls,
      sides: [topics.stationStatus, topics.weatherObservations, topics.alerts],
      boundedSides: [topics.stationStatus],
      outputs: [topics.dataQuality, topics.alerts],
      maxRecords: POLLS_AT_ONCE,
      open(partition) {
        const states = new Map<string, SystemState>()
        open.set(partition, states)
        telemetry.opened()
        return openPartition(states, rulesOf, telemetry)
      },
    },
    judgesIn: (partitions) =>
      partitions.flatMap((partition) =>
        [...(open.get(partition) ?? [])].map(([systemId, { judge }]) => ({ systemId, judge })),
      ),
  }
}

interface SystemState {
  judge: SystemJudge
  fold: StationFold
  weather: WeatherShelf
  /** The partition's newest poll when a station of this system was last seen. */
  activeAt: number
}

const openPartition = (
  states: Map<string, SystemState>,
  rulesOf: ReadonlyMap<string, readonly Rule[]>,
  telemetry: QualityTelemetry,
): PartitionTask<FeedPoll> => {
  let newestSeenAt = Number.NEGATIVE_INFINITY
  let newestJudgedAt = Number.NEGATIVE_INFINITY

  const newFold = (systemRules: readonly Rule[]): StationFold =>
    createStationFold(systemRules.filter((rule) => rule.applies === 'station'))

  const stateOf = (systemId: string): SystemState | null => {
    const known = states.get(systemId)
    if (known) return known
    const systemRules = rulesOf.get(systemId)
    if (!systemRules) return null
    const state: SystemState = {
      judge: createSystemJudge(systemId, systemRules),
      fold: newFold(systemRules),
      weather: createWeatherShelf(),
      activeAt: Number.NEGATIVE_INFINITY,
    }
    states.set(systemId, state)
    return state
  }

  const observe = (status: StationStatus, offset: number): void => {
    // Nobody has reported it, and no poll has brought it.
    if (status.origin === 'RECONSTRUCTED') return
    const state = stateOf(status.systemId)
    if (!state) return
    // What a restart would not read any more is forgotten without a restart too: both end in the same state.
    if (newestSeenAt - state.activeAt > memoryMs) state.fold = newFold(rulesOf.get(status.systemId)!)
    newestSeenAt = Math.max(newestSeenAt, status.polledAt)
    state.activeAt = newestSeenAt
    state.fold.observe(status, offset)
  }

  const judgePoll = (poll: FeedPoll, isReplayed: boolean): TopicRecord[] => {
    const state = stateOf(poll.systemId)
    if (!state) {
      telemetry.unknownSystem(poll.systemId)
      return []
    }
    const isStatus = poll.feed === STATUS_FEED
    const { results, alerts } = state.judge.judge({
      poll,
      stations: isStatus ? state.fold.take(poll.polledAt) : null,
      weather: isStatus ? [] : state.weather.take(poll.polledAt),
      isReplayed,
    })
    newestJudgedAt = Math.max(newestJudgedAt, poll.polledAt)
    telemetry.judged(results)
    if (isReplayed) return []
    telemetry.published(results, alerts)
    return [
      ...results.map((value) => ({ topic: topics.dataQuality, value })),
      ...alerts.map((value) => ({ topic: topics.alerts, value })),
    ]
  }

  const neededFrom = (): number | null => {
    const offsets = [...states.values()]
      .filter(({ activeAt }) => newestJudgedAt - activeAt <= memoryMs)
      .flatMap(({ fold }) => fold.neededFrom() ?? [])
    return offsets.length > 0 ? Math.min(...offsets) : null
  }

  return {
    applySide({ topic, value, offset }) {
      if (topic.name === 'station-status') observe(value as StationStatus, offset)
      else if (topic.name === 'alerts') stateOf(value.systemId)?.judge.knowAlert(value as Alert)
      else stateOf(value.systemId)?.weather.add(value as WeatherObservation)
    },
    // Polls are few: all that the log has are replayed, and hours and alerts are what they were.
    restoreFrom: () => null,
    handle(records, { publishFrom }) {
      const outputs = records.flatMap(({ value, offset }) => judgePoll(value, offset < publishFrom))
      const offset = neededFrom()
      return {
        outputs,
        rejections: [],
        ...(offset === null ? {} : { sidesNeededFrom: new Map([[topics.stationStatus.name, offset]]) }),
      }
    },
  }
}
