/** The newest feature vector of every station of one system, in one block of floats: 2,400 stations are 0.7 MB. */
import type { Traceparent } from '@velocast/runtime'

export interface KnownVector {
  stationId: string
  /** The moment whose knowledge the vector holds, epoch milliseconds. */
  asOf: number
  polledAt: number
  /** A view that is valid until the next `put`. */
  vector: Float32Array
}

export interface VectorTable {
  readonly featureNames: readonly string[]
  readonly size: () => number
  /** The newest `asOf` of all, or null. */
  readonly newestAsOf: () => number | null
  /**
   * Takes the vector in unless a newer one is there. `names` is the writer's order; features it does not have become
   * NaN, others are left out. Copies.
   */
  readonly put: (
    station: KnownVector,
    names?: readonly string[],
    traceparent?: Traceparent,
  ) => 'kept' | 'older'
  /** The place in a trace of the poll that the vector follows from; null where none was traced. */
  readonly traceOf: (stationId: string) => Traceparent | null
  readonly get: (stationId: string) => KnownVector | null
  readonly all: () => IterableIterator<KnownVector>
}

const FIRST_ROOM = 64

export const createVectorTable = (featureNames: readonly string[]): VectorTable => {
  const width = featureNames.length
  const rowOf = new Map<string, number>()
  let vectors = new Float32Array(FIRST_ROOM * width)
  let asOfs = new Float64Array(FIRST_ROOM)
  let polledAts = new Float64Array(FIRST_ROOM)
  let newest: number | null = null
  const traces = new Map<string, Traceparent>()
  const orders = new WeakMap<readonly string[], Int32Array | null>()

  /** For each of our features its place in the writer's vector or -1; null when the orders are the same. */
  const orderOf = (names: readonly string[]): Int32Array | null => {
    let order = orders.get(names)
    if (order === undefined) {
      const isSame = names.length === width && names.every((name, index) => name === featureNames[index])
      order = isSame ? null : Int32Array.from(featureNames, (name) => names.indexOf(name))
      orders.set(names, order)
    }
    return order
  }

  const makeRoom = (): void => {
    const room = asOfs.length * 2
    const grown = {
      vectors: new Float32Array(room * width),
      asOfs: new Float64Array(room),
      polledAts: new Float64Array(room),
    }
    grown.vectors.set(vectors)
    grown.asOfs.set(asOfs)
    grown.polledAts.set(polledAts)
    vectors = grown.vectors
    asOfs = grown.asOfs
    polledAts = grown.polledAts
  }

  const at = (stationId: string, row: number): KnownVector => ({
    stationId,
    asOf: asOfs[row] as number,
    polledAt: polledAts[row] as number,
    vector: vectors.subarray(row * width, (row + 1) * width),
  })

  return {
    featureNames,
    size: () => rowOf.size,
    newestAsOf: () => newest,
    traceOf: (stationId) => traces.get(stationId) ?? null,
    put: (station, names = featureNames, traceparent) => {
      let row = rowOf.get(station.stationId)
      // The same moment again is a correction, which comes later in the log.
      if (row !== undefined && station.asOf < (asOfs[row] as number)) return 'older'
      if (row === undefined) {
        row = rowOf.size
        if (row === asOfs.length) makeRoom()
        rowOf.set(station.stationId, row)
      }
      if (traceparent) traces.set(station.stationId, traceparent)
      else if (traces.size > 0) traces.delete(station.stationId)
      asOfs[row] = station.asOf
      polledAts[row] = station.polledAt
      const order = orderOf(names)
      if (order === null) vectors.set(station.vector, row * width)
      else
        for (let index = 0; index < width; index++)
          vectors[row * width + index] = station.vector[order[index] as number] ?? Number.NaN
      if (newest === null || station.asOf > newest) newest = station.asOf
      return 'kept'
    },
    get: (stationId) => {
      const row = rowOf.get(stationId)
      return row === undefined ? null : at(stationId, row)
    },
    *all() {
      for (const [stationId, row] of rowOf) yield at(stationId, row)
    },
  }
}
