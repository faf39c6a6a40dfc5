import type { WeatherObservation } from '@velocast/schemas'
import type { LocalTime } from './calendar.ts'
import type { StationHistory } from './station-history.ts'

/** All that a vector is made of: one station's history, and what its whole system knew at `asOf`. */
export interface VectorInputs {
  history: StationHistory
  /** The newest observation's observedAt. */
  asOf: number
  local: LocalTime
  weather: WeatherObservation | null
  /** The weather as it was known 3 h before. */
  weatherThreeHoursAgo: WeatherObservation | null
}
