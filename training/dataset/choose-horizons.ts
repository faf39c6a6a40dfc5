/**
 * Which rows of all possible ones are in a data set. Whether one is depends on itself alone (a hash of seed, station,
 * asOf and horizon against a threshold), so the choice is the same in whatever order and however often it is made, and
 * the rows of a small set are among those of a larger one.
 */
import { slotMs } from '@velocast/features'
import type { GridHorizon } from './horizon-grid.ts'

export interface ChooseHorizonsOptions {
  horizons: readonly GridHorizon[]
  /** From `rateFor`. */
  rate: number
}

export interface HorizonChooser {
  /**
   * Calls `take` with the slots ahead of each horizon chosen for a vector. `elapsedMs` is the time since the station's
   * vector before: a station that is polled every minute gives as many rows a day as one polled every 15 minutes.
   */
  readonly choose: (
    stationHash: number,
    asOf: number,
    elapsedMs: number,
    take: (slotsAhead: number) => void,
  ) => void
}

export const createHorizonChooser = ({ horizons, rate }: ChooseHorizonsOptions): HorizonChooser => {
  const slotsAhead = Uint32Array.from(horizons, (horizon) => horizon.slots)
  const thresholds = Float64Array.from(
    horizons,
    (horizon) => Math.min(1, rate * horizon.weight) * 0x1_0000_0000,
  )
  return {
    choose: (stationHash, asOf, elapsedMs, take) => {
      const share = Math.min(1, elapsedMs / slotMs)
      const moment = mix(mix(stationHash ^ (asOf >>> 0)) ^ Math.floor(asOf / 0x1_0000_0000))
      for (let index = 0; index < slotsAhead.length; index++) {
        const ahead = slotsAhead[index]!
        if (mix(moment + Math.imul(ahead, 0x9e3779b9)) < thresholds[index]! * share) take(ahead)
      }
    },
  }
}

/** The number of a station that `choose` wants: FNV-1a over UTF-16 units. */
export const hashOfStation = (text: string, seed: number): number => {
  let hash = mix(0x811c9dc5 ^ seed)
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return mix(hash)
}

/** Spreads every bit of the input over all 32 of the output (the finalizer of MurmurHash3). */
const mix = (value: number): number => {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
