import type { WeatherForecast } from '@velocast/schemas'
import type { Calendar } from './calendar.ts'
import type { StationPast } from './system-past.ts'

/** All that the features of one target are made of. */
export interface TargetInputs {
  readonly calendar: Calendar
  /** The station's vector at asOf, in the order of `vectorFeatureNames`. */
  readonly vector: Float32Array
  readonly asOf: number
  readonly targetAt: number
  /** The forecast as it was issued, from `forecastAsOf`; null when none was known. */
  readonly forecast: WeatherForecast | null
  /** What was seen at the station; what it holds of the time after asOf is not looked at. */
  readonly past: StationPast
}
