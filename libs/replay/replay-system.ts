import type { Database } from '@velocast/db'
import {
  createSystemHistory,
  maxLatenessMs,
  type Outcome,
  type SystemHistory,
  vectorFeatureNames,
  warmUpMs,
} from '@velocast/features'
import type { KafkaClient } from '@velocast/kafka'
import type { System } from '@velocast/runtime'
import type { StationVector } from '@velocast/schemas'
import { planReading, type ReplaySource } from './plan-reading.ts'
import { isReached, type Position } from './position.ts'
import { readStatusesInOrder } from './read-statuses-in-order.ts'
import { readKnownWeather } from './read-weather.ts'
import { recomputeVectors } from './recompute-vectors.ts'

export interface ReplayOptions {
  kafka: KafkaClient
  database: Database
  system: System
  /** The vectors that became known from here on are computed, epoch milliseconds. */
  fromMs: number
  /** Up to this moment, not included. */
  toMs: number
  source: ReplaySource
  sink: VectorSink
  /** Vectors of observations up to here are passed over: an earlier run has done them. */
  after?: Position | null
  onProgress?: (progress: ReplayProgress) => void
  /** Resolves when so many more observations may be taken in; absent: as fast as it goes. */
  pace?: (observations: number) => Promise<void>
  signal: AbortSignal
  /** Makes the history that vectors come from: the live one, unless a test wants to know what another would give. */
  createHistory?: (system: System) => SystemHistory
}

/** What is done with vectors. */
export interface VectorSink {
  /**
   * Takes vectors once there is room for them; of two of a key the last one counts. All up to `through` are then in its
   * hands.
   */
  take: (vectors: readonly StationVector[], through: Position) => Promise<void>
  /** Resolves when all that was taken is done. */
  finish: () => Promise<void>
}

export interface ReplayProgress {
  observations: number
  vectors: number
  /** When what was read last became known. */
  polledAt: number
  /** Between the beginning of reading and the end of the window: 0 to 1. */
  share: number
}

/** What was read where. */
export interface ReadPart {
  part: Position['part']
  observations: number
  firstPolledAt: number
  lastPolledAt: number
}

export interface ReplayResult {
  vectors: number
  outcomes: Record<Outcome, number>
  parts: ReadPart[]
}

const batchVectors = 5_000

/**
 * Computes a system's vectors of a window again, by the code and in the order in which they were computed live. Touches
 * neither live state nor topics: what becomes of the vectors is the sink's affair.
 */
export const replaySystem = async (options: ReplayOptions): Promise<ReplayResult> => {
  const { system, fromMs, toMs, sink, after = null, signal } = options
  const { createHistory = createSystemHistory } = options
  const { systemId } = system
  // Observations may have become known somewhat later than they were made, and the log is looked up by the latter.
  const range = { systemId, fromMs: fromMs - warmUpMs - maxLatenessMs, toMs }
  const plan = await planReading(options, range, options.source, signal)
  const weather = await readKnownWeather(
    options,
    plan,
    { systemId, from: range.fromMs, until: toMs - 1 },
    signal,
  )

  const parts = new Map<Position['part'], ReadPart>()
  let batch: StationVector[] = []
  let vectors = 0
  let last: { polledAt: number; position: Position } | null = null
  const recomputation = recomputeVectors(
    createHistory(system),
    options,
    (stationId, asOf, polledAt, vector) => {
      if (after && isReached(last!.position, after)) return
      batch.push({ systemId, stationId, asOf, polledAt, names: vectorFeatureNames, vector: vector.slice() })
    },
  )
  const handOver = async (): Promise<void> => {
    if (batch.length === 0 || !last) return
    const taken = batch
    batch = []
    vectors += taken.length
    await sink.take(taken, last.position)
  }

  await readStatusesInOrder(options, plan, systemId, signal, async ({ statuses, part, at }) => {
    await options.pace?.(statuses.length)
    for (const [index, status] of statuses.entries()) {
      // A poll stays together, so that positions in the table, which are those of polls, are exact.
      if (batch.length >= batchVectors && status.polledAt !== last?.polledAt) await handOver()
      weather.takeUntil(status.polledAt, recomputation.applyWeather)
      last = { polledAt: status.polledAt, position: { part, at: at[index]! } }
      recomputation.observe(status)
      note(parts, part, status.polledAt)
    }
    if (!last) return
    options.onProgress?.({
      observations: [...parts.values()].reduce((sum, { observations }) => sum + observations, 0),
      vectors: vectors + batch.length,
      polledAt: last.polledAt,
      share: Math.min(1, Math.max(0, (last.polledAt - range.fromMs) / (toMs - range.fromMs))),
    })
  })
  await handOver()
  await sink.finish()
  return { vectors, outcomes: recomputation.outcomes(), parts: [...parts.values()] }
}

const note = (parts: Map<Position['part'], ReadPart>, part: Position['part'], polledAt: number): void => {
  const known = parts.get(part)
  if (!known) parts.set(part, { part, observations: 1, firstPolledAt: polledAt, lastPolledAt: polledAt })
  else {
    known.observations += 1
    known.firstPolledAt = Math.min(known.firstPolledAt, polledAt)
    known.lastPolledAt = Math.max(known.lastPolledAt, polledAt)
  }
}
