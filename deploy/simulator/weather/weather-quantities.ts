import type { WeatherModel, WeatherMoment } from './weather-model.ts'

const QUARTER_HOUR_MS = 900_000

/** Millimetres that fell (or are forecast to fall) in the time before `until`. */
export const precipitationBefore = (
  momentAt: (at: number) => WeatherMoment,
  until: number,
  durationMs: number,
): { totalMm: number; snowMm: number } => {
  const steps = Math.max(1, Math.round(durationMs / QUARTER_HOUR_MS))
  let totalMm = 0
  let snowMm = 0
  for (let step = 0; step < steps; step++) {
    const moment = momentAt(until - (step + 0.5) * QUARTER_HOUR_MS)
    const fallenMm = moment.precipitationMmPerHour / 4
    totalMm += fallenMm
    if (moment.isSnow) snowMm += fallenMm
  }
  return { totalMm, snowMm }
}

/** The forecast of the run issued in the hour of `at`, as a function of the moment it is for. */
export const runAsOf = (model: WeatherModel, at: number): ((validAt: number) => WeatherMoment) => {
  const issuedAt = Math.floor(at / 3_600_000) * 3_600_000
  return (validAt) => model.forecastFor(validAt, issuedAt)
}

/** Magnus' formula, °C. */
export const dewPointC = ({ temperatureC, humidityPercent }: WeatherMoment): number => {
  const gamma = Math.log(humidityPercent / 100) + (17.62 * temperatureC) / (243.12 + temperatureC)
  return (243.12 * gamma) / (17.62 - gamma)
}

/** What it feels like, °C: Steadman's formula without radiation. */
export const apparentTemperatureC = (moment: WeatherMoment): number => {
  const { temperatureC, humidityPercent, windMetresPerSecond } = moment
  const vapourHpa =
    (humidityPercent / 100) * 6.105 * Math.exp((17.27 * temperatureC) / (237.7 + temperatureC))
  return temperatureC + 0.33 * vapourHpa - 0.7 * windMetresPerSecond - 4
}

/** The WMO code of Open-Meteo's `weather_code`. */
export const weatherCodeOf = ({ cloudPercent, precipitationMmPerHour, isSnow }: WeatherMoment): number => {
  if (precipitationMmPerHour > 0.05) {
    const strength = precipitationMmPerHour < 1 ? 0 : precipitationMmPerHour < 4 ? 1 : 2
    return (isSnow ? [71, 73, 75] : [61, 63, 65])[strength]!
  }
  return cloudPercent < 15 ? 0 : cloudPercent < 45 ? 1 : cloudPercent < 80 ? 2 : 3
}

/** Sunrise and sunset of the day that holds `at`, to a few minutes; within a polar day or night, its 12 hours. */
export const sunOf = (latitude: number, longitude: number, at: number): { riseAt: number; setAt: number } => {
  const dayMs = 86_400_000
  const noonAt = Math.floor((at + longitude * 240_000) / dayMs) * dayMs + dayMs / 2 - longitude * 240_000
  const dayOfYear = (noonAt - Date.UTC(new Date(noonAt).getUTCFullYear(), 0, 1)) / dayMs
  const declination = (-23.44 * Math.PI * Math.cos((2 * Math.PI * (dayOfYear + 10)) / 365.25)) / 180
  const cosine = -Math.tan((latitude * Math.PI) / 180) * Math.tan(declination)
  const halfDayMs = Math.abs(cosine) > 1 ? dayMs / 4 : (Math.acos(cosine) / (2 * Math.PI)) * dayMs
  return { riseAt: noonAt - halfDayMs, setAt: noonAt + halfDayMs }
}
