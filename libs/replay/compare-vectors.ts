import { type Database, distinctRows, type Session, topicTables } from '@velocast/db'
import { vectorFeatureNames } from '@velocast/features'
import type { StationVector } from '@velocast/schemas'
import {
  countByFeature,
  countByHour,
  countStoredByHour,
  findDifferent,
  findMissing,
  prepareStage,
  stage,
} from './compare-statements.ts'
import type { VectorSink } from './replay-system.ts'
import { workSideBySide } from './work-side-by-side.ts'

/** Which vector; times are epoch milliseconds. */
export interface VectorName {
  stationId: string
  asOf: number
  polledAt: number
}

export interface FeatureDifference {
  feature: string
  rows: number
  /** The largest absolute difference between two numbers; null where it is always a number beside NaN. */
  largest: number | null
  example: VectorName & { stored: number; replayed: number }
}

export interface Comparison {
  /** Vectors that are in the table as they were computed. */
  equal: number
  different: number
  /** Computed, but not in the table. */
  missingInTable: number
  missingExample: VectorName | null
  /** In the table, but not computed. */
  missingInReplay: number
  /** The first hours (of polledAt) in which the table has more than was computed. */
  hoursWithMore: { hour: number; rows: number }[]
  /** Those that differ, the one that differs in most rows first. */
  features: FeatureDifference[]
}

export interface VectorComparison extends VectorSink {
  /** What was found, once `finish` has resolved. */
  result: () => Comparison
}

export interface ComparisonOptions {
  systemId: string
  /** The window of polledAt, `toMs` not included. */
  fromMs: number
  toMs: number
  /** Batches that are compared at once. */
  connections?: number
}

interface NameRow {
  station_id: string
  as_of: number
  polled_at: number
}

const table = topicTables.stationFeatures
const hoursShown = 10

/** Compares vectors with the table, and changes nothing. */
export const compareVectors = (database: Database, options: ComparisonOptions): VectorComparison => {
  const { systemId, fromMs, toMs, connections = 2 } = options
  const work = workSideBySide(connections, () => {})
  const differences = new Map<string, FeatureDifference>()
  const presentByHour = new Map<number, number>()
  const comparison: Comparison = {
    equal: 0,
    different: 0,
    missingInTable: 0,
    missingExample: null,
    missingInReplay: 0,
    hoursWithMore: [],
    features: [],
  }

  const compareBatch = async (session: Session, vectors: readonly StationVector[]): Promise<void> => {
    await session.query(prepareStage)
    await session.copyInto(stage, table.columns, distinctRows(table, vectors))
    const bounds = boundsOf(systemId, vectors)
    const { rows } = await session.query<{
      hour: number
      replayed: number
      present: number
      inexact: number
    }>(countByHour, bounds)
    let inexact = 0
    for (const each of rows) {
      inexact += each.inexact
      comparison.equal += each.present
      comparison.missingInTable += each.replayed - each.present
      presentByHour.set(each.hour, (presentByHour.get(each.hour) ?? 0) + each.present)
    }
    if (inexact > 0) {
      const different = await compareFeatures(session, bounds)
      comparison.equal -= different
      comparison.different += different
    }
    if (comparison.missingInTable > 0 && !comparison.missingExample) {
      const found = await session.query<NameRow>(findMissing, bounds)
      comparison.missingExample ??= found.rows[0] ? nameOf(found.rows[0]) : null
    }
  }

  /** Resolves with the number of rows that differ. */
  const compareFeatures = async (session: Session, bounds: readonly unknown[]): Promise<number> => {
    const { rows } = await session.query<{ different: number; counts: number[]; largest: number[] }>(
      countByFeature,
      bounds,
    )
    const { different, counts, largest } = rows[0]!
    for (const [index, feature] of vectorFeatureNames.entries()) {
      if (counts[index] === 0) continue
      const by = Number.isNaN(largest[index]) ? null : largest[index]!
      const known = differences.get(feature) ?? (await firstOf(session, feature, bounds))
      differences.set(feature, {
        ...known,
        rows: known.rows + counts[index]!,
        largest: by === null ? known.largest : Math.max(by, known.largest ?? 0),
      })
    }
    return different
  }

  const firstOf = async (
    session: Session,
    feature: string,
    bounds: readonly unknown[],
  ): Promise<FeatureDifference> => {
    const { rows } = await session.query<NameRow & { replayed: number; stored: number }>(
      findDifferent(feature),
      bounds,
    )
    const { stored, replayed, ...name } = rows[0]!
    // Another batch may have found one meanwhile.
    return (
      differences.get(feature) ?? {
        feature,
        rows: 0,
        largest: null,
        example: { ...nameOf(name), stored, replayed },
      }
    )
  }

  const findSurplus = async (): Promise<void> => {
    const { rows } = await database.query<{ hour: number; stored: number }>(countStoredByHour, [
      systemId,
      new Date(fromMs),
      new Date(toMs),
    ])
    for (const { hour, stored } of rows) {
      const surplus = stored - (presentByHour.get(hour) ?? 0)
      if (surplus <= 0) continue
      comparison.missingInReplay += surplus
      if (comparison.hoursWithMore.length < hoursShown) comparison.hoursWithMore.push({ hour, rows: surplus })
    }
  }

  return {
    take: (vectors) => work.add(() => database.transaction((session) => compareBatch(session, vectors))),
    async finish() {
      await work.finish()
      await findSurplus()
    },
    result: () => ({
      ...comparison,
      features: [...differences.values()].sort((a, b) => b.rows - a.rows),
    }),
  }
}

/** Whether anything is not as it should be. */
export const hasDifference = (comparison: Comparison): boolean =>
  comparison.different + comparison.missingInTable + comparison.missingInReplay > 0

const nameOf = ({ station_id, as_of, polled_at }: NameRow): VectorName => ({
  stationId: station_id,
  asOf: as_of,
  polledAt: polled_at,
})

const boundsOf = (systemId: string, vectors: readonly StationVector[]): unknown[] => {
  let [firstAsOf, lastAsOf] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  let [firstPolledAt, lastPolledAt] = [firstAsOf, lastAsOf]
  for (const { asOf, polledAt } of vectors) {
    firstAsOf = Math.min(firstAsOf, asOf)
    lastAsOf = Math.max(lastAsOf, asOf)
    firstPolledAt = Math.min(firstPolledAt, polledAt)
    lastPolledAt = Math.max(lastPolledAt, polledAt)
  }
  return [systemId, ...[firstAsOf, lastAsOf, firstPolledAt, lastPolledAt].map((at) => new Date(at))]
}
