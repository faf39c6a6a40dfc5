import { type KafkaClient, readToTheEnd, type TopicRecord } from '@velocast/kafka'
import type { Clock } from '@velocast/runtime'
import { type StationInformation, topics } from '@velocast/schemas'
import { knownLevel } from '../trips/known-level.ts'
import { reconstructLevels } from '../trips/reconstruct-levels.ts'
import { createSlotTable, SLOT_MS, type SlotTable, slotOf } from '../trips/slot-table.ts'
import { publishHistory } from './publish-history.ts'

export interface LevelsOptions {
  systemId: string
  known: ReadonlyMap<string, StationInformation>
  /** Arrivals less departures, by the feed's ids. */
  net: SlotTable
  stationIds: readonly string[]
  span: { firstAt: number; lastAt: number }
  kafka: KafkaClient
  clock: Clock
  signal: AbortSignal
}

export interface LevelsResult {
  stations: number
  /** Stations without a report in these days, or of unknown capacity: nothing to begin with. */
  withoutReport: number
  published: number
  unchanged: number
}

const ABSENT = -1
const BATCH_RECORDS = 2_500

/**
 * Publishes what the stations will have held, in every quarter of an hour for which the log holds no report, as observations of
 * origin RECONSTRUCTED that became known now. A report is older than that, and so stays in the table whatever comes later.
 */
export const publishLevels = async (options: LevelsOptions): Promise<LevelsResult> => {
  const { systemId, known, net, stationIds, span, kafka, clock, signal } = options
  const { reported, reconstructed } = await readLevels(kafka, systemId, signal)
  const first = slotOf(span.firstAt)
  // Of the last slot some trips may be missing.
  const last = slotOf(span.lastAt) - 1
  const stations = stationIds.toSorted().flatMap((stationId) => {
    const facts = known.get(stationId)
    if (!facts || facts.capacity === null) return []
    const levels = reconstructLevels({
      first,
      last,
      capacity: facts.capacity,
      netAt: (slot) => net.get(stationId, slot),
      reportedAt: (slot) => presentOf(reported.get(stationId, slot)),
    })
    return levels ? [{ facts, capacity: facts.capacity, levels }] : []
  })
  const result: LevelsResult = {
    stations: stations.length,
    withoutReport: stationIds.length - stations.length,
    published: 0,
    unchanged: 0,
  }
  const producer = await kafka.openProducer()
  const publish = publishHistory(producer, clock, signal)
  const polledAt = clock.now()
  let batch: TopicRecord[] = []
  const send = async (): Promise<void> => {
    await publish(batch, [])
    result.published += batch.length
    batch = []
  }
  try {
    for (let slot = first; slot <= last; slot++) {
      for (const { facts, capacity, levels } of stations) {
        if (reported.get(facts.stationId, slot) !== ABSENT) continue
        const bikes = levels[slot - first]!
        if (reconstructed.get(facts.stationId, slot) === bikes) result.unchanged += 1
        else {
          const level = {
            observedAt: (slot + 1) * SLOT_MS,
            polledAt,
            bikes,
            capacity,
            origin: 'RECONSTRUCTED',
          } as const
          batch.push({ topic: topics.stationStatus, value: knownLevel(facts, level) })
        }
      }
      if (batch.length >= BATCH_RECORDS) await send()
    }
    if (batch.length > 0) await send()
  } finally {
    await producer.close()
  }
  return result
}

const presentOf = (bikes: number): number | null => (bikes === ABSENT ? null : bikes)

/** What the log holds: bikes as last reported in each slot, and as reconstructed for its end. */
const readLevels = async (
  kafka: KafkaClient,
  systemId: string,
  signal: AbortSignal,
): Promise<{ reported: SlotTable; reconstructed: SlotTable }> => {
  const reported = createSlotTable(ABSENT)
  const reconstructed = createSlotTable(ABSENT)
  await readToTheEnd(
    kafka,
    {
      topics: [topics.stationStatus],
      from: 'beginning',
      systemIds: [systemId],
      onRecords: (records) => {
        for (const { value } of records) {
          if (value.systemId !== systemId) continue
          if (value.origin === 'REPORTED')
            reported.set(value.stationId, slotOf(value.observedAt), value.bikes)
          else reconstructed.set(value.stationId, slotOf(value.observedAt) - 1, value.bikes)
        }
      },
    },
    signal,
  )
  return { reported, reconstructed }
}
