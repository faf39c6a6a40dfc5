import type { StationStatus, WeatherObservation } from '@velocast/schemas'
import { type CalendarOptions, createCalendar, type LocalTime } from './calendar.ts'
import { appendReading, enterObservation, type Outcome } from './enter-observation.ts'
import { decodeHistory, encodeHistory } from './history-snapshot.ts'
import { bikesAt, docksAt, ebikesAt, millisecondsBetween } from './readings.ts'
import { hourMs } from './slots.ts'
import { createStationHistory, newestField, type StationHistory } from './station-history.ts'
import { vectorFeatureNames, writeVector } from './vector-features.ts'
import type { VectorInputs } from './vector-inputs.ts'
import { createWeatherHistory, defaultGuardMs } from './weather-history.ts'

export interface SystemHistoryOptions extends CalendarOptions {
  readonly systemId: string
  /** How long a weather record must have been known before it is used, see `defaultGuardMs`. */
  readonly guardMs?: number
}

export interface SystemHistory {
  readonly systemId: string
  /** Takes in the weather. Order and repetition do not matter. */
  readonly applyWeather: (observation: WeatherObservation) => void
  /**
   * Takes in one observation of a station of this system. When the outcome is `vector`, the vector as of its observedAt
   * is in `into`, which has room for `vectorFeatureNames.length` floats; otherwise `into` is untouched.
   */
  readonly observe: (status: StationStatus, into: Float32Array) => Outcome
  /**
   * The vectors of a station with asOf after `afterObservedAt`, oldest first, as they are now: those that a `late`
   * observation at that moment has changed. The vector is valid during the call.
   */
  readonly dependants: (
    stationId: string,
    afterObservedAt: number,
    take: (asOf: number, vector: Float32Array) => void,
  ) => void
  /** Everything known of a station, in format `historyFormat`. Throws for a station that was never observed. */
  readonly snapshot: (stationId: string) => Uint8Array
  /** Puts a station's history where it was when the snapshot was taken. Throws when the bytes are not a snapshot. */
  readonly restore: (stationId: string, bytes: Uint8Array) => void
  readonly stationIds: () => string[]
  /** Epoch milliseconds; null for a station that was never observed. */
  readonly newestObservedAt: (stationId: string) => number | null
}

/**
 * The histories of one system, and the features that follow from them: a pure function of what it was given. A station
 * exists from its first observation on.
 */
export const createSystemHistory = (options: SystemHistoryOptions): SystemHistory => {
  const calendar = createCalendar(options)
  const weather = createWeatherHistory(options.guardMs ?? defaultGuardMs)
  const stations = new Map<string, StationHistory>()

  const noLocalTime: LocalTime = calendar.at(0)
  const inputs: VectorInputs = {
    history: createStationHistory(),
    asOf: Number.NaN,
    local: noLocalTime,
    weather: null,
    weatherThreeHoursAgo: null,
  }
  let weatherRevision = -1

  /** What the whole system shares at a moment is looked up once for all stations of a poll. */
  const moveTo = (asOf: number): void => {
    if (asOf === inputs.asOf && weather.revision() === weatherRevision) return
    inputs.asOf = asOf
    inputs.local = calendar.at(asOf)
    inputs.weather = weather.knownAt(asOf)
    inputs.weatherThreeHoursAgo = weather.knownAt(asOf - 3 * hourMs)
    weatherRevision = weather.revision()
  }

  return {
    systemId: options.systemId,
    applyWeather: weather.apply,
    observe: (status, into) => {
      const known = stations.get(status.stationId)
      const history = known ?? createStationHistory()
      const outcome = enterObservation(history, status)
      if (outcome !== 'vector') return outcome
      if (!known) stations.set(status.stationId, history)
      moveTo(status.observedAt)
      inputs.history = history
      writeVector(inputs, into)
      return outcome
    },
    dependants: (stationId, afterObservedAt, take) => {
      const history = stations.get(stationId)
      if (!history) return
      const { readings, newest } = history
      const newestAt = newest[newestField.observedAt]!
      const rebuilt = createStationHistory()
      rebuilt.newest.set(newest)
      const vector = new Float32Array(vectorFeatureNames.length)
      for (let at = readings.start; at < readings.end; at++) {
        const asOf = newestAt - millisecondsBetween(readings.times[at]!, newestAt >>> 0)
        appendReading(rebuilt, asOf, bikesAt(readings, at), docksAt(readings, at), ebikesAt(readings, at))
        if (asOf <= afterObservedAt) continue
        moveTo(asOf)
        inputs.history = rebuilt
        writeVector(inputs, vector)
        take(asOf, vector)
      }
    },
    snapshot: (stationId) => {
      const history = stations.get(stationId)
      if (!history) throw new Error(`There is no history of station "${stationId}" to take a snapshot of.`)
      return encodeHistory(history)
    },
    restore: (stationId, bytes) => {
      stations.set(stationId, decodeHistory(bytes))
    },
    stationIds: () => [...stations.keys()],
    newestObservedAt: (stationId) => stations.get(stationId)?.newest[newestField.observedAt] ?? null,
  }
}
