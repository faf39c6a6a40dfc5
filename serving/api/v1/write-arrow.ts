/**
 * Tables as an Arrow IPC stream, a record batch for each group of rows. Every column has memory of its own: the writer of
 * apache-arrow 21 joins neighbouring columns that share memory into one, and the file is broken.
 */
import {
  AsyncByteQueue,
  Bool,
  type DataType,
  Field,
  Float64,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampMillisecond,
  Utf8,
  vectorFromArray,
} from 'apache-arrow'
import type { Column, Table } from './table.ts'

class ByteList extends AsyncByteQueue {
  #parts: Uint8Array[] = []

  override write(bytes: Uint8Array): void {
    this.#parts.push(bytes.slice())
  }

  take(): Buffer {
    const taken = Buffer.concat(this.#parts)
    this.#parts = []
    return taken
  }
}

export interface ArrowStream {
  /** The bytes of a further record batch; with those of the first comes the schema. */
  readonly batch: (rows: Table['rows']) => Buffer
  /** The last bytes. */
  readonly end: () => Buffer
}

/** `metadata` is what is said of the whole table. */
export const openArrowStream = (
  columns: readonly Column[],
  metadata: ReadonlyMap<string, string>,
): ArrowStream => {
  const bytes = new ByteList()
  const writer = new RecordBatchStreamWriter().reset(bytes)
  const types = columns.map(({ kind }) => typeOf(kind))
  const schema = new Schema(
    columns.map(({ name }, index) => new Field(name, types[index]!, true)),
    new Map(metadata),
  )
  const write = (rows: Table['rows']): void => {
    const children = columns.map(
      (_, index) =>
        vectorFromArray(
          rows.map((row) => row[index]),
          types[index]!,
        ).data[0]!,
    )
    writer.write(
      new RecordBatch(
        schema,
        makeData({ type: new Struct(schema.fields), length: rows.length, nullCount: 0, children }),
      ),
    )
  }
  let isBegun = false
  return {
    batch: (rows) => {
      isBegun = true
      write(rows)
      return bytes.take()
    },
    end: () => {
      // A stream without a batch would have no schema.
      if (!isBegun) write([])
      writer.close()
      return bytes.take()
    },
  }
}

const typeOf = (kind: Column['kind']): DataType => {
  switch (kind) {
    case 'text':
      return new Utf8()
    case 'number':
      return new Float64()
    case 'boolean':
      return new Bool()
    case 'time':
      return new TimestampMillisecond('UTC')
  }
}
