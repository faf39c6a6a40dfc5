/** The newest records of a kind, a bounded number of them. */
export interface RecentRecords<T> {
  /** Takes a record in, in any order; one of the same key again replaces it. */
  readonly put: (record: T) => void
  /** The newest first. */
  readonly all: () => readonly T[]
}

export interface RecentRecordsOptions<T> {
  /** The most that are kept. */
  limit: number
  /** What makes a record the same one. */
  keyOf: (record: T) => string
  /** Epoch milliseconds. */
  timeOf: (record: T) => number
}

export const createRecentRecords = <T>({
  limit,
  keyOf,
  timeOf,
}: RecentRecordsOptions<T>): RecentRecords<T> => {
  const byKey = new Map<string, T>()
  let sorted: readonly T[] | null = null
  const sort = (): readonly T[] => {
    sorted ??= [...byKey.values()].sort((one, other) => timeOf(other) - timeOf(one))
    return sorted
  }
  return {
    put: (record) => {
      byKey.set(keyOf(record), record)
      sorted = null
      // With some slack, so that not every record is followed by a sort.
      if (byKey.size <= limit * 1.1) return
      for (const old of sort().slice(limit)) byKey.delete(keyOf(old))
      sorted = null
    },
    all: () => sort().slice(0, limit),
  }
}
