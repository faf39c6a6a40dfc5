/**
 * station-status and weather-observations → station-features, with snapshots in station-state.
 *
 * A vector is a pure function of the log up to its observation, so that publishing it again (after a crash, a rebalance,
 * a replay) publishes the same bytes under the same key. Weather is joined as of when it was read, with a guard interval.
 */
import {
  createSystemHistory,
  historyFormat,
  type SystemHistory,
  vectorFeatureNames,
} from '@velocast/features'
import type { PartitionStage, PartitionTask, ReceivedRecord, Rejection, TopicRecord } from '@velocast/kafka'
import type { Clock, System } from '@velocast/runtime'
import {
  encodeStationFeatures,
  type StationState,
  type StationStatus,
  topics,
  type WeatherObservation,
} from '@velocast/schemas'
import { createSnapshotRotation } from './snapshot-rotation.ts'
import type { FeaturesTelemetry } from './telemetry.ts'

export interface StationFeaturesOptions {
  systems: readonly System[]
  clock: Clock
  telemetry: FeaturesTelemetry
  /** At most so many observations are handled between two commits. */
  maxRecords: number
  /** Each station is snapshotted once in so long. */
  snapshotEveryMs: number
}

export const stationFeatures = (options: StationFeaturesOptions): PartitionStage<StationStatus> => ({
  group: 'features',
  input: topics.stationStatus,
  snapshots: topics.stationState,
  sides: [topics.weatherObservations],
  outputs: [topics.stationFeatures, topics.stationState],
  maxRecords: options.maxRecords,
  open: () => openPartition(options),
})

const openPartition = ({
  systems,
  clock,
  telemetry,
  snapshotEveryMs,
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
    const { timeZone, country, region } = system
    const history = createSystemHistory({ systemId, timeZone, country, region })
    histories.set(systemId, history)
    return history
  }

  const restore = (): number | null => {
    let restoreFrom = Number.POSITIVE_INFINITY
    let isComplete = snapshots.size > 0
    for (const [key, { systemId, stationId, history, sourceOffset, format }] of snapshots) {
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
    telemetry.restored(heldUpTo.size)
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

  /** What follows from one observation: a vector, a rejection, or nothing. */
  const observe = (
    record: ReceivedRecord<StationStatus>,
    publishFrom: number,
  ): TopicRecord | Rejection | null => {
    const status = record.value
    const history = historyOf(status.systemId)
    if (!history) {
      telemetry.unknownSystem(status.systemId)
      return null
    }
    if (record.offset <= (heldUpTo.get(record.key) ?? -1)) return null
    const outcome = history.observe(status, vector)
    rotation.add(record.key, status)
    if (record.offset < publishFrom) return null
    telemetry.observed(status, outcome)
    if (outcome === 'impossible')
      return {
        record,
        reason: 'invalid',
        detail:
          'numbers that cannot be true: negative, too large, more e-bikes than bikes, or observed after the poll',
      }
    if (outcome !== 'vector') return null
    const { systemId, stationId, observedAt: asOf, polledAt } = status
    const head = { systemId, stationId, asOf, polledAt, names: vectorFeatureNames, vector }
    return { topic: topics.stationFeatures, value: head, encoded: encodeStationFeatures(head, vector) }
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
      const outputs: TopicRecord[] = snapshotOffset === null ? [] : takeSnapshots(snapshotOffset)
      const rejections: Rejection[] = []
      for (const record of records) {
        const result = observe(record, publishFrom)
        if (result === null) continue
        if ('reason' in result) rejections.push(result)
        else outputs.push(result)
      }
      return { outputs, rejections }
    },
  }
}
