import type { StationStatus, WeatherObservation } from '@velocast/schemas'
import { type CalendarOptions, createCalendar } from './calendar.ts'
import { climatologyWeeks, writeClimatologySlots } from './climatology-slots.ts'
import { applyReading, enterObservation, type Outcome, rewindBefore } from './enter-observation.ts'
import { decodeHistory, encodeHistory } from './history-snapshot.ts'
import { lanes } from './level-extremes.ts'
import { createNearestStations } from './nearest-stations.ts'
import type { ObservationRule } from './observation-rule.ts'
import { observationRules, refusalOf } from './observation-rules.ts'
import { capacityAt, docksAt, notPublished, observedAtOf, placeAt, positionOf } from './readings.ts'
import { slotOf, slotStart } from './slots.ts'
import {
  bikesIn,
  type Chunk,
  createChunk,
  createStationHistory,
  type StationHistory,
} from './station-history.ts'
import { createSurroundings } from './surroundings.ts'
import { createLevelSums, createSystemLevels } from './system-levels.ts'
import { vectorFeatureNames, writeVector } from './vector-features.ts'
import type { VectorInputs } from './vector-inputs.ts'
import { defaultGuardMs } from './weather-history.ts'
import type { WeatherLocation } from './weather-locations.ts'
import { createWeatherLookup } from './weather-lookup.ts'

export interface SystemHistoryOptions extends CalendarOptions {
  readonly systemId: string
  /** How long a weather record must have been known before it is used, see `defaultGuardMs`. */
  readonly guardMs?: number
  /** A station has the weather of the nearest. With one, or none, all weather of the system is taken to be for one point. */
  readonly weatherLocations?: readonly WeatherLocation[] | undefined
  /** What observations are refused by; `observationRules` everywhere but in tests of them. */
  readonly rules?: readonly ObservationRule[]
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
   * The vectors of a station with asOf after `afterObservedAt`, as far as it is not more than `maxLatenessMs` before the newest:
   * those that a `late` observation at that moment has changed, oldest first. The vector is valid during the call, in
   * which nothing may be observed.
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
  const weather = createWeatherLookup(options.weatherLocations ?? [], options.guardMs ?? defaultGuardMs)
  const { rules = observationRules } = options
  const refusing = rules.filter(({ severity }) => severity === 'dead-letter')
  const levels = createSystemLevels()
  const nearest = createNearestStations()
  const lookAround = createSurroundings(levels, nearest)
  const stations = new Map<string, StationHistory>()
  const inOrder: StationHistory[] = []
  const chunks: Chunk[] = []

  const addStation = (stationId: string): StationHistory => {
    const index = stations.size
    if (index % lanes === 0) chunks.push(createChunk())
    const history = createStationHistory(stationId, index, chunks[chunks.length - 1]!)
    stations.set(stationId, history)
    inOrder.push(history)
    return history
  }

  let expected = 0
  /** Polls come in the same order again and again: to compare with the station that is next is quicker than to look it up. */
  const stationOf = (stationId: string): StationHistory => {
    const next = inOrder[expected]
    const history = next?.stationId === stationId ? next : (stations.get(stationId) ?? addStation(stationId))
    expected = history.index + 1 === inOrder.length ? 0 : history.index + 1
    return history
  }

  const inputs: VectorInputs = {
    history: createStationHistory('', 0, {
      totals: new Uint32Array(0),
      levels: new Uint16Array(0),
      blocks: new Uint16Array(0),
    }),
    position: 0,
    asOf: Number.NaN,
    local: calendar.at(0),
    climatologySlots: new Int32Array(climatologyWeeks),
    weather: null,
    weatherOneHourAgo: null,
    weatherTwoHoursAgo: null,
    weatherThreeHoursAgo: null,
    neighboursNow: createLevelSums(),
    neighboursHourAgo: createLevelSums(),
    systemNow: createLevelSums(),
    systemHourAgo: createLevelSums(),
  }
  let slot = Number.NaN

  /** Writes the vector as of the reading at `position`, the last that the history has grown by. */
  const writeVectorAt = (history: StationHistory, position: number, into: Float32Array): void => {
    const asOf = observedAtOf(history.readings, position)
    // What the whole system shares at a moment is looked up once for all stations of a poll.
    if (asOf !== inputs.asOf) {
      inputs.asOf = asOf
      inputs.local = calendar.at(asOf)
    }
    if (history.newestSlot !== slot) {
      slot = history.newestSlot
      writeClimatologySlots(calendar, slot, inputs.climatologySlots)
    }
    inputs.history = history
    inputs.position = position
    weather.lookUp(history.location, asOf, inputs)
    lookAround(history.index, slot, inputs)
    writeVector(inputs, into)
  }

  /** What the others see of a station follows from its newest reading, and from its last one in each slot. */
  const placeStation = (history: StationHistory): void => {
    const { readings, index, stationId } = history
    const { latitude, longitude } = placeAt(readings, readings.end - 1)
    if (nearest.place(index, stationId, latitude, longitude))
      history.location = weather.locationOf(latitude, longitude)
  }
  const putLevel = (history: StationHistory, position: number, at: number): void => {
    const { readings } = history
    const docks = docksAt(readings, position)
    levels.put(
      history.index,
      at,
      bikesIn(history, at),
      docks === notPublished ? Number.NaN : docks,
      capacityAt(readings, position),
    )
  }

  return {
    systemId: options.systemId,
    applyWeather: weather.apply,
    observe: (status, into) => {
      if (status.origin !== 'REPORTED') return 'reconstructed'
      if (refusalOf(refusing, status)) return 'impossible'
      const history = stationOf(status.stationId)
      const outcome = enterObservation(history, status)
      const { readings } = history
      if (outcome === 'vector') {
        placeStation(history)
        putLevel(history, readings.end - 1, history.newestSlot)
        writeVectorAt(history, readings.end - 1, into)
      } else if (outcome === 'late') {
        const lateSlot = slotOf(status.observedAt)
        putLevel(history, positionOf(readings, slotStart(lateSlot + 1)) - 1, lateSlot)
      }
      return outcome
    },
    dependants: (stationId, afterObservedAt, take) => {
      const history = stations.get(stationId)
      if (!history) return
      const { readings } = history
      const first = positionOf(readings, afterObservedAt + 1)
      if (first === readings.end) return
      const vector = new Float32Array(vectorFeatureNames.length)
      let next = rewindBefore(history, observedAtOf(readings, first))
      try {
        while (next < readings.end) {
          const position = next++
          applyReading(history, position)
          if (position < first) continue
          writeVectorAt(history, position, vector)
          take(inputs.asOf, vector)
        }
      } finally {
        while (next < readings.end) applyReading(history, next++)
      }
    },
    snapshot: (stationId) => {
      const history = stations.get(stationId)
      if (!history) throw new Error(`There is no history of station "${stationId}" to take a snapshot of.`)
      return encodeHistory(history, levels)
    },
    restore: (stationId, bytes) => {
      const history = stations.get(stationId) ?? addStation(stationId)
      decodeHistory(bytes, history, levels)
      placeStation(history)
    },
    stationIds: () => [...stations.keys()],
    newestObservedAt: (stationId) => stations.get(stationId)?.readings.newestAt ?? null,
  }
}
