import type { Clock } from '@velocast/runtime'

interface Station {
  systemId: string
  stationId: string
}

export interface SnapshotRotation {
  /** Makes a station known that has a snapshot. */
  addRestored: (key: string, station: Station) => void
  /** Makes a station known. A new one is due at once, so that none is ever without a snapshot for long. */
  add: (key: string, station: Station) => void
  /** The stations whose turn it is, new ones first. */
  due: () => Station[]
}

const SLICES = 24

/**
 * Whose turn it is to be snapshotted: all stations one after the other, a slice at a time, once round in `everyMs`.
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
  const stations = new Map<string, Station>()
  let waiting: string[] = []
  let fresh: Station[] = []
  let lastSliceAt = clock.now()

  return {
    addRestored: (key, { systemId, stationId }) => stations.set(key, { systemId, stationId }),
    add(key, { systemId, stationId }) {
      if (stations.has(key)) return
      const station = { systemId, stationId }
      stations.set(key, station)
      fresh.push(station)
    },
    due() {
      const first = fresh
      fresh = []
      if (clock.now() - lastSliceAt < everyMs / SLICES) return first
      lastSliceAt = clock.now()
      if (waiting.length === 0) waiting = [...stations.keys()]
      const slice = waiting.splice(0, Math.ceil(stations.size / SLICES))
      return [...first, ...slice.flatMap((key) => stations.get(key) ?? [])]
    },
  }
}
