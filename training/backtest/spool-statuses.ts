/**
 * Observations wait on the disk while it is found out how many there are; what stays in memory is 16 bytes a slot. The file is
 * removed when the source is closed.
 */
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { slotMs, slotOf } from '@velocast/features'
import type { StationStatus } from '@velocast/schemas'
import type { HistoryExtent, Range } from '../dataset/dataset-source.ts'

export interface StatusSpool {
  readonly measure: (range: Range) => HistoryExtent
  /** In the order in which they were taken in. */
  readonly read: (range: Range) => Generator<StationStatus[]>
  readonly close: () => void
}

const CHUNK_ROWS = 4_096
/** What a station is, said once for as long as it stays the same. */
interface Place {
  stationId: string
  capacity: number | null
  latitude: number | null
  longitude: number | null
}
const moments = 3
const counts = 7
const NONE = -1
const flag = { installed: 1, renting: 2, returning: 4, reconstructed: 8 } as const

/** Takes in all there is. */
export const spoolStatuses = async (
  path: string,
  systemId: string,
  statuses: AsyncIterable<readonly StationStatus[]>,
): Promise<StatusSpool> => {
  const file = openSync(path, 'w+')
  const places: Place[] = []
  const placeOf = new Map<string, number>()
  const bySlot = new Map<number, { observations: number; stationSlots: number }>()
  const newestSlot = new Map<string, number>()
  const times = new Float64Array(CHUNK_ROWS * moments)
  const numbers = new Int32Array(CHUNK_ROWS * counts)
  const chunks: number[] = []
  const chunkBytes = times.byteLength + numbers.byteLength
  let rows = 0

  const flush = (): void => {
    if (rows === 0) return
    const at = chunks.length * chunkBytes
    writeSync(file, times, 0, times.byteLength, at)
    writeSync(file, numbers, 0, numbers.byteLength, at + times.byteLength)
    chunks.push(rows)
    rows = 0
  }

  const numberOfPlace = ({ stationId, capacity, latitude, longitude }: StationStatus): number => {
    const known = placeOf.get(stationId)
    const place = known === undefined ? undefined : places[known]!
    if (place?.capacity === capacity && place.latitude === latitude && place.longitude === longitude)
      return known!
    const number = places.push({ stationId, capacity, latitude, longitude }) - 1
    placeOf.set(stationId, number)
    return number
  }

  const count = ({ stationId, observedAt }: StationStatus): void => {
    const slot = slotOf(observedAt)
    let counted = bySlot.get(slot)
    if (!counted) {
      counted = { observations: 0, stationSlots: 0 }
      bySlot.set(slot, counted)
    }
    counted.observations++
    if (newestSlot.get(stationId) === slot) return
    newestSlot.set(stationId, slot)
    counted.stationSlots++
  }

  const take = (status: StationStatus): void => {
    times.set([status.observedAt, status.polledAt, status.reportedAt ?? Number.NaN], rows * moments)
    const flags =
      (status.isInstalled ? flag.installed : 0) |
      (status.isRenting ? flag.renting : 0) |
      (status.isReturning ? flag.returning : 0) |
      (status.origin === 'RECONSTRUCTED' ? flag.reconstructed : 0)
    const { bikes, ebikes, docks, bikesDisabled, docksDisabled } = status
    numbers.set(
      [numberOfPlace(status), flags, bikes, ebikes ?? NONE, docks ?? NONE, bikesDisabled, docksDisabled],
      rows * counts,
    )
    if (++rows === CHUNK_ROWS) flush()
  }

  for await (const some of statuses)
    for (const status of some) {
      count(status)
      take(status)
    }
  flush()

  const orNull = (value: number): number | null => (value === NONE ? null : value)
  const statusAt = (row: number): StationStatus => {
    const [observedAt, polledAt, reportedAt] = times.subarray(row * moments) as unknown as [
      number,
      number,
      number,
    ]
    const [place, flags, bikes, ebikes, docks, bikesDisabled, docksDisabled] = numbers.subarray(
      row * counts,
      (row + 1) * counts,
    ) as unknown as [number, number, number, number, number, number, number]
    return {
      systemId,
      ...places[place]!,
      observedAt,
      polledAt,
      reportedAt: Number.isNaN(reportedAt) ? null : reportedAt,
      bikes,
      ebikes: orNull(ebikes),
      docks: orNull(docks),
      bikesDisabled,
      docksDisabled,
      isInstalled: (flags & flag.installed) !== 0,
      isRenting: (flags & flag.renting) !== 0,
      isReturning: (flags & flag.returning) !== 0,
      origin: (flags & flag.reconstructed) !== 0 ? 'RECONSTRUCTED' : 'REPORTED',
    }
  }

  return {
    measure: ({ from, until }) => {
      const [first, last] = [slotOf(from), slotOf(until)]
      const extent: HistoryExtent = {
        observations: 0,
        stationSlots: 0,
        firstObservedAt: null,
        lastObservedAt: null,
      }
      for (const [slot, { observations, stationSlots }] of bySlot) {
        if (slot < first || slot > last) continue
        extent.observations += observations
        extent.stationSlots += stationSlots
        extent.firstObservedAt = Math.min(extent.firstObservedAt ?? slot * slotMs, slot * slotMs)
        extent.lastObservedAt = Math.max(extent.lastObservedAt ?? slot * slotMs, slot * slotMs)
      }
      return extent
    },
    *read({ from, until }) {
      for (const [chunk, held] of chunks.entries()) {
        readSync(file, times, 0, times.byteLength, chunk * chunkBytes)
        readSync(file, numbers, 0, numbers.byteLength, chunk * chunkBytes + times.byteLength)
        const some: StationStatus[] = []
        for (let row = 0; row < held; row++) {
          const polledAt = times[row * moments + 1]!
          if (polledAt >= from && polledAt <= until) some.push(statusAt(row))
        }
        yield some
      }
    },
    close: () => {
      closeSync(file)
      rmSync(path, { force: true })
    },
  }
}
