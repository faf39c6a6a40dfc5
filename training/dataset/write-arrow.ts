import { closeSync, openSync, writeSync } from 'node:fs'
import {
  AsyncByteQueue,
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
 * Takes the writer's bytes to the disk at once. Its own streams know no back-pressure and hold a whole file in memory
 * (apache-arrow 21); they also join neighbouring columns that share memory into one, and the file is broken.
 */
class FileSink extends AsyncByteQueue {
  readonly #file: number

  constructor(file: number) {
    super()
    this.#file = file
  }

  override write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#file, bytes, done)
  }
}

/**
 * Writes an Arrow IPC stream, one record batch for each group of rows, as they come: one group is in memory. All groups
 * have the same columns. Returns the number of rows; without any the file is empty.
 */
export const writeArrow = (
  path: string,
  stationIds: readonly string[],
  groups: Iterable<FinishedRows>,
): number => {
  const file = openSync(path, 'w')
  try {
    const writer = new RecordBatchStreamWriter().reset(new FileSink(file))
    let rows = 0
    let schema: Schema | null = null
    for (const group of groups) {
      if (group.rows === 0) continue
      rows += group.rows
      schema ??= schemaOf(group)
      writer.write(toBatch(group, stationIds, schema))
    }
    if (rows > 0) writer.close()
    return rows
  } finally {
    closeSync(file)
  }
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
