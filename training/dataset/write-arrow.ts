import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  Field,
  Float32,
  Int64,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Utf8,
  vectorFromArray,
} from 'apache-arrow'
import type { FinishedRows } from './finish-rows.ts'

/**
 * Writes an Arrow IPC stream, one record batch for each group of rows, as they come: no more than two groups are in
 * memory. All groups have the same columns. Resolves with the number of rows.
 */
export const writeArrow = async (
  path: string,
  stationIds: readonly string[],
  groups: Iterable<FinishedRows>,
): Promise<number> => {
  let rows = 0
  let schema: Schema | null = null
  function* batches(): Generator<RecordBatch> {
    for (const group of groups) {
      if (group.rows === 0) continue
      rows += group.rows
      schema ??= schemaOf(group)
      yield toBatch(group, stationIds, schema)
    }
  }
  await pipeline(
    Readable.from(batches()),
    RecordBatchStreamWriter.throughNode({ autoDestroy: true }),
    createWriteStream(path),
  )
  return rows
}

const toBatch = (group: FinishedRows, stationIds: readonly string[], schema: Schema): RecordBatch => {
  const length = group.rows
  const moments = (values: Float64Array) =>
    makeData({ type: new Int64(), length, nullCount: 0, data: BigInt64Array.from(values, BigInt) })
  const stations = Array.from(group.station, (station) => stationIds[station]!)
  const children = [
    // As text: a dictionary that is written again with every batch is not read by every Arrow library.
    vectorFromArray(stations, new Utf8()).data[0]!,
    moments(group.asOf),
    moments(group.targetAt),
    ...[...group.columns.values()].map((data) =>
      makeData({ type: new Float32(), length, nullCount: 0, data }),
    ),
  ]
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }),
  )
}

const schemaOf = ({ columns }: FinishedRows): Schema =>
  new Schema([
    new Field('station_id', new Utf8(), false),
    new Field('as_of', new Int64(), false),
    new Field('target_at', new Int64(), false),
    ...[...columns.keys()].map((name) => new Field(name, new Float32(), false)),
  ])
