import type { WeatherObservation } from '@velocast/schemas'
import type { LocalTime } from './calendar.ts'
import type { StationHistory } from './station-history.ts'
import type { LevelSums } from './system-levels.ts'

/** All that a vector is made of: one station's history, and what its whole system knew at `asOf`. */
export interface VectorInputs {
  history: StationHistory
  /** The reading whose observedAt is `asOf`: the last that the history has grown by. */
  position: number
  asOf: number
  local: LocalTime
  /** The first slot of the local hour that the newest slot is in, 1 to 4 weeks before. */
  readonly climatologySlots: Int32Array
  /** The weather at the point that is nearest to the station; as it was known earlier. */
  weather: WeatherObservation | null
  weatherOneHourAgo: WeatherObservation | null
  weatherTwoHoursAgo: WeatherObservation | null
  weatherThreeHoursAgo: WeatherObservation | null
  /** Levels one slot before the newest, and earlier ones; all zero when the vector does not see the other stations. */
  readonly neighboursNow: LevelSums
  readonly neighboursHourAgo: LevelSums
  readonly systemNow: LevelSums
  readonly systemHourAgo: LevelSums
}
