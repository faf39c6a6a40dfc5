import type { StationStatus, WeatherForecast, WeatherObservation } from '@velocast/schemas'

/** From one moment to another, both included, epoch milliseconds. */
export interface Range {
  from: number
  until: number
}

/** How much there is of a system in a range. */
export interface HistoryExtent {
  observations: number
  /** Stations times slots (see `slotOf`: those nearest to the moments) in which there was an observation. */
  stationSlots: number
  /** Null where there is none. */
  firstObservedAt: number | null
  lastObservedAt: number | null
}

/**
 * A system's past, wherever it is kept. All three are read in the order in which things became known (`polledAt`, then the
 * station), some at a time; what was polled after `until` does not count.
 */
export interface DatasetSource {
  readonly measure: (range: Range) => Promise<HistoryExtent>
  readonly statuses: (range: Range) => AsyncIterable<readonly StationStatus[]>
  readonly weather: (range: Range) => AsyncIterable<readonly WeatherObservation[]>
  readonly forecasts: (range: Range) => AsyncIterable<readonly WeatherForecast[]>
}
