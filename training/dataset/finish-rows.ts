import { slotOf } from '@velocast/features'
import type { RowAssembly } from './assemble-rows.ts'
import { type Damping, type DampingRow, dampingAt, fitDamping } from './damped-persistence.ts'
import { columnOf, rowColumns } from './row-columns.ts'
import type { RowSpill } from './row-spill.ts'

/** Rows whose truth is known, column by column. */
export interface FinishedRows {
  readonly rows: number
  readonly station: Int32Array
  /** Epoch milliseconds. */
  readonly asOf: Float64Array
  readonly targetAt: Float64Array
  /** Along `rowColumns` without what only damped persistence is made of, then labels and the remaining forecasts. */
  readonly columns: ReadonlyMap<string, Float32Array>
}

const hourMs = 3_600_000
const anomalyColumn = columnOf('anomaly')
const climatologyColumn = columnOf('naive_climatology')

/**
 * Damped persistence, fitted on the rows whose targets are the oldest `share`: older than all on which a model will be
 * stopped, calibrated or tested.
 */
export const fitDampingOnOldest = (spill: RowSpill, assembly: RowAssembly, share: number): Damping =>
  fitDamping(rowsBefore(targetQuantile(spill, share), spill, assembly))

function* rowsBefore(moment: number, spill: RowSpill, { levels }: RowAssembly): Generator<DampingRow> {
  for (const [index, chunk] of spill.chunks.entries()) {
    const values = spill.read(index)
    const perColumn = values.length / rowColumns.length
    for (let row = 0; row < chunk.rows; row++) {
      const targetAt = chunk.targetAt[row]!
      if (targetAt >= moment) continue
      const bikes = levels.bikesIn(chunk.station[row]!, slotOf(targetAt))
      yield {
        horizonHours: (targetAt - chunk.asOf[row]!) / hourMs,
        anomaly: values[anomalyColumn * perColumn + row]!,
        targetAnomaly: bikes - values[climatologyColumn * perColumn + row]!,
      }
    }
  }
}

const targetQuantile = (spill: RowSpill, share: number): number => {
  const targets = new Float64Array(spill.chunks.reduce((sum, chunk) => sum + chunk.rows, 0))
  let at = 0
  for (const chunk of spill.chunks) {
    targets.set(chunk.targetAt.subarray(0, chunk.rows), at)
    at += chunk.rows
  }
  return targets.sort()[Math.floor(share * (targets.length - 1))] ?? Number.NaN
}

/** The rows of one chunk of the spill, with what became of them. A row whose target nobody observed is left out. */
export const finishChunk = (
  spill: RowSpill,
  chunkNumber: number,
  { levels }: RowAssembly,
  damping: Damping,
): FinishedRows => {
  const chunk = spill.chunks[chunkNumber]!
  const values = spill.read(chunkNumber)
  const perColumn = values.length / rowColumns.length
  const kept = new Uint32Array(chunk.rows)
  let rows = 0
  for (let row = 0; row < chunk.rows; row++) {
    const isSeen = !Number.isNaN(levels.bikesIn(chunk.station[row]!, slotOf(chunk.targetAt[row]!)))
    if (isSeen) kept[rows++] = row
  }
  const pick = (valueAt: (row: number) => number): Float32Array => {
    const picked = new Float32Array(rows)
    for (let index = 0; index < rows; index++) picked[index] = valueAt(kept[index]!)
    return picked
  }
  const columns = new Map<string, Float32Array>()
  for (const [column, name] of rowColumns.entries())
    if (column !== anomalyColumn)
      columns.set(
        name,
        pick((row) => values[column * perColumn + row]!),
      )
  const atTarget = (valueIn: (station: number, slot: number) => number) => (row: number) =>
    valueIn(chunk.station[row]!, slotOf(chunk.targetAt[row]!))
  const horizonOf = (row: number): number => (chunk.targetAt[row]! - chunk.asOf[row]!) / hourMs
  const bikesNow = columns.get('bikes')!
  columns.set('label_bikes', pick(atTarget(levels.bikesIn)))
  columns.set('label_docks', pick(atTarget(levels.docksIn)))
  columns.set('label_departures', pick(atTarget(levels.departuresIn)))
  columns.set('label_arrivals', pick(atTarget(levels.arrivalsIn)))
  columns.set('bikes_now', bikesNow)
  columns.set('naive_persistence', bikesNow)
  columns.set('naive_yesterday', columns.get('target_bikes_yesterday')!)
  columns.set('naive_last_week', columns.get('target_bikes_last_week')!)
  columns.set(
    'naive_damped',
    pick(
      (row) =>
        values[climatologyColumn * perColumn + row]! +
        dampingAt(damping, horizonOf(row)) * values[anomalyColumn * perColumn + row]!,
    ),
  )
  const keptRows = kept.subarray(0, rows)
  return {
    rows,
    station: Int32Array.from(keptRows, (row) => chunk.station[row]!),
    asOf: Float64Array.from(keptRows, (row) => chunk.asOf[row]!),
    targetAt: Float64Array.from(keptRows, (row) => chunk.targetAt[row]!),
    columns,
  }
}
