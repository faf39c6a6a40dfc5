import type { Clock } from '@velocast/runtime'

interface Station {
  systemId: string
  stationId: string
}

export interface SnapshotRotation {
  /** Makes a station known that has a snapshot; those with the oldest snapshots come first. */
  addRestored: (key: string, station: Station) => void
  /** Makes a station known. A new one is due at once, so that none is ever without a snapshot for long. */
  add: (key: string, station: Station) => void
  /** The stations whose turn it is, new ones first. */
  due: () => Station[]
}

/**
 * Whose turn it is to be snapshotted: the station whose snapshot is the oldest, always, so many that all have had their
 * turn in `everyMs`, however seldom it is asked. So a processor that is killed again and again still gets round.
 * New stations come first in what is due, and so are written before any that is refreshed: whatever is written of a
 * round that is cut short, the oldest snapshot reaches back to before the first observation of a station that has none.
 */
export const createSnapshotRotation = ({
  clock,
  everyMs,
}: {
  clock: Clock
  everyMs: number
}): SnapshotRotation => {
  /** In the order of their turns. */
  const stations = new Map<string, Station>()
  let fresh: [string, Station][] = []
  let askedAt = clock.now()
  /** Turns that have come, in parts of a whole one. */
  let turns = 0

  const takeTurn = (): Station[] => {
    const [next] = stations
    if (!next) return []
    const [key, station] = next
    stations.delete(key)
    stations.set(key, station)
    return [station]
  }

  return {
    addRestored: (key, { systemId, stationId }) => stations.set(key, { systemId, stationId }),
    add(key, { systemId, stationId }) {
      if (stations.has(key)) return
      const station = { systemId, stationId }
      stations.set(key, station)
      fresh.push([key, station])
    },
    due() {
      const now = clock.now()
      turns = Math.min(turns + (Math.max(0, now - askedAt) / everyMs) * stations.size, stations.size)
      askedAt = now
      const due = fresh.map(([, station]) => station)
      // Their next turn is after that of all others.
      for (const [key, station] of fresh) {
        stations.delete(key)
        stations.set(key, station)
      }
      fresh = []
      for (; turns >= 1; turns--) due.push(...takeTurn())
      return due
    },
  }
}
