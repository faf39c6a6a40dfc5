/**
 * station-status and weather-observations → station-features, with snapshots in station-state.
 *
 * A vector is a pure function of the log up to its observation, so that publishing it again (after a crash, a rebalance,
 * a replay) publishes the same bytes under the same key. Weather is joined as of when it was read, with a guard interval.
 */
import { setImmediate } from 'node:timers/promises'
import {
  createSystemHistory,
  historyFormat,
  type ObservationRule,
  observationRules,
  refusalOf,
  type SystemHistory,
  vectorFeatureNames,
} from '@velocast/features'
import type {
  PartitionResult,
  PartitionStage,
  PartitionTask,
  ReceivedRecord,
  Rejection,
  TopicRecord,
} from '@velocast/kafka'
import { type Clock, carryTrace, type System, traceparentHeader } from '@velocast/runtime'
import {
  encodeStationFeatures,
  type StationState,
  type StationStatus,
  type Topic,
  topics,
  type WeatherObservation,
} from '@velocast/schemas'
import { createSnapshotRotation } from './snapshot-rotation.ts'
import type { FeaturesTelemetry } from './telemetry.ts'

/** A late observation has up to a day of vectors: a whole city's, all at once, would fill the memory. */
const ENOUGH_OUTPUTS = 10_000

/** Where vectors go, and as what. `vector` is valid during the call. */
export interface VectorPublication {
  // biome-ignore lint/suspicious/noExplicitAny: any topic keyed by station.
  topic: Topic<any>
  recordOf: (status: StationStatus, asOf: number, vector: Float32Array) => TopicRecord
}

const wholeVectors: VectorPublication = {
  topic: topics.stationFeatures,
  recordOf({ systemId, stationId, polledAt }, asOf, vector) {
    const head = { systemId, stationId, asOf, polledAt, names: vectorFeatureNames, vector }
    return { topic: topics.stationFeatures, value: head, encoded: encodeStationFeatures(head, vector) }
  },
}

/** Histories are rebuilt in parts: seconds of it in one go would cost the member its place in the group. */
const RESTORED_AT_ONCE = 50

export interface StationFeaturesOptions {
  systems: readonly System[]
  clock: Clock
  telemetry: FeaturesTelemetry
  /** At most so many observations are handled between two commits. */
  maxRecords: number
  /** Each station is snapshotted once in so long. */
  snapshotEveryMs: number
  /** By default whole vectors to `station-features`. */
  publication?: VectorPublication
  /** By default those of the library. */
  rules?: readonly ObservationRule[]
}

export const stationFeatures = (options: StationFeaturesOptions): PartitionStage<StationStatus> => ({
  group: 'features',
  input: topics.stationStatus,
  snapshots: topics.stationState,
  sides: [topics.weatherObservations],
  outputs: [(options.publication ?? wholeVectors).topic, topics.stationState],
  maxRecords: options.maxRecords,
  open: () => openPartition(options),
  onRestored: options.telemetry.stateRestored,
})

const openPartition = ({
  systems,
  clock,
  telemetry,
  snapshotEveryMs,
  publication = wholeVectors,
  rules = observationRules,
}: StationFeaturesOptions): PartitionTask<StationStatus> => {
  const configured = new Map(systems.map((system) => [system.systemId, system]))
  const histories = new Map<string, SystemHistory>()
  const rotation = createSnapshotRotation({ clock, everyMs: snapshotEveryMs })
  const vector = new Float32Array(vectorFeatureNames.length)
  /** The newest snapshot of each station, until the histories are restored from them. */
  let snapshots = new Map<string, StationState>()
  /** What each restored station holds already. */
  let heldUpTo = new Map<string, number>()
  let isRestored = false

  const historyOf = (systemId: string): SystemHistory | null => {
    const known = histories.get(systemId)
    if (known) return known
    const system = configured.get(systemId)
    if (!system) return null
    const history = createSystemHistory({ ...system, rules })
    histories.set(systemId, history)
    return history
  }

  const restore = async (): Promise<number | null> => {
    let restoreFrom = Number.POSITIVE_INFINITY
    let isComplete = snapshots.size > 0
    const oldestFirst = [...snapshots].sort(([, a], [, b]) => a.sourceOffset - b.sourceOffset)
    let restored = 0
    for (const [key, { systemId, stationId, history, sourceOffset, format }] of oldestFirst) {
      if (++restored % RESTORED_AT_ONCE === 0) await setImmediate()
      const system = historyOf(systemId)
      if (!system) continue
      if (format !== historyFormat) {
        telemetry.snapshotUnreadable(key, `it is in format ${format}, this build reads ${historyFormat}`)
        isComplete = false
        continue
      }
      system.restore(stationId, history)
      rotation.addRestored(key, { systemId, stationId })
      heldUpTo.set(key, sourceOffset)
      restoreFrom = Math.min(restoreFrom, sourceOffset + 1)
    }
    if (heldUpTo.size > 0) telemetry.snapshotsRestored(heldUpTo.size)
    snapshots = new Map()
    isRestored = true
    return isComplete && Number.isFinite(restoreFrom) ? restoreFrom : null
  }

  const takeSnapshots = (offset: number): TopicRecord[] =>
    rotation.due().flatMap(({ systemId, stationId }) => {
      const history = historyOf(systemId)
      const snapshotAt = history?.newestObservedAt(stationId) ?? null
      if (!history || snapshotAt === null) return []
      const value: StationState = {
        systemId,
        stationId,
        snapshotAt,
        sourceOffset: offset,
        format: historyFormat,
        history: Buffer.from(history.snapshot(stationId)),
      }
      return [{ topic: topics.stationState, value }]
    })

  /** A vector carries on the trace of the poll that brought its observation: in a header, so that its bytes are the same. */
  const recordOf = (
    record: ReceivedRecord<StationStatus>,
    asOf: number,
    computed: Float32Array,
  ): TopicRecord => {
    const output = publication.recordOf(record.value, asOf, computed)
    const headers = carryTrace(record.headers[traceparentHeader])
    return headers ? { ...output, headers } : output
  }

  /** Vectors that a late observation has changed, oldest first: the newest is again the last of its key in the log. */
  const emitDependants = (
    history: SystemHistory,
    record: ReceivedRecord<StationStatus>,
    outputs: TopicRecord[],
  ): void =>
    history.dependants(record.value.stationId, record.value.observedAt, (asOf, computed) => {
      outputs.push(recordOf(record, asOf, computed))
    })

  const tellLateness = (history: SystemHistory, { systemId, stationId, observedAt }: StationStatus): void =>
    telemetry.late(systemId, (history.newestObservedAt(stationId) ?? observedAt) - observedAt)

  const rejectionOf = (record: ReceivedRecord<StationStatus>): Rejection => {
    const { rule, detail } = refusalOf(rules, record.value)!
    return { record, reason: rule, detail }
  }

  /** Takes in one observation, and adds what follows from it: vectors, a rejection, or nothing. */
  const observe = (
    record: ReceivedRecord<StationStatus>,
    publishFrom: number,
    { outputs, rejections }: PartitionResult,
  ): void => {
    const status = record.value
    const history = historyOf(status.systemId)
    if (!history) {
      telemetry.unknownSystem(status.systemId)
      return
    }
    if (record.offset <= (heldUpTo.get(record.key) ?? -1)) return
    const outcome = history.observe(status, vector)
    rotation.add(record.key, status)
    if (record.offset < publishFrom) return
    telemetry.observed(status, outcome)
    if (outcome === 'vector') outputs.push(recordOf(record, status.observedAt, vector))
    else if (outcome === 'late') emitDependants(history, record, outputs)
    else if (outcome === 'impossible') rejections.push(rejectionOf(record))
    if (outcome === 'late' || outcome === 'too-late') tellLateness(history, status)
  }

  return {
    applySide({ topic, key, value }) {
      if (topic.name === 'weather-observations') {
        const observation = value as WeatherObservation
        historyOf(observation.systemId)?.applyWeather(observation)
      } else if (!isRestored) snapshots.set(key, value as StationState)
    },
    restoreFrom: restore,
    handle(records, { publishFrom, snapshotOffset }) {
      if (snapshotOffset !== null) heldUpTo = new Map()
      const result: PartitionResult = {
        outputs: snapshotOffset === null ? [] : takeSnapshots(snapshotOffset),
        rejections: [],
      }
      let handled = 0
      while (handled < records.length && result.outputs.length < ENOUGH_OUTPUTS)
        observe(records[handled++]!, publishFrom, result)
      telemetry.batchHandled()
      return { ...result, handled }
    },
  }
}
