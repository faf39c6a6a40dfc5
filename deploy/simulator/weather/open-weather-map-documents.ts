/** OpenWeatherMap's current weather and its forecast of five days in steps of three hours. */
import type { SystemProfile } from '../feed/feed-source.ts'
import type { LocalTime } from '../local-time.ts'
import type { WeatherModel, WeatherMoment } from './weather-model.ts'
import { apparentTemperatureC, precipitationBefore, runAsOf, sunOf } from './weather-quantities.ts'

export interface OpenWeatherMapPlace {
  system: SystemProfile
  localTime: LocalTime
}

export type OpenWeatherMapUnits = 'standard' | 'metric' | 'imperial'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const STEP_MS = 3 * HOUR_MS
const STEPS = 40
/** The service's own observations are about ten minutes apart. */
const OBSERVATION_MS = 10 * MINUTE_MS
const PLACE_ID = 1_000_001

export const currentWeatherDocument = (
  model: WeatherModel,
  { system, localTime }: OpenWeatherMapPlace,
  units: OpenWeatherMapUnits,
  at: number,
): object => {
  const observedAt = Math.floor(at / OBSERVATION_MS) * OBSERVATION_MS
  const moment = model.observedAt(observedAt)
  const fallen = precipitationBefore(model.observedAt, observedAt, HOUR_MS)
  const sun = sunOf(system.latitude, system.longitude, observedAt)
  return {
    coord: { lon: system.longitude, lat: system.latitude },
    weather: [conditionOf(moment, isDay(sun, observedAt))],
    base: 'stations',
    main: mainOf(moment, units),
    visibility: visibilityOf(moment),
    wind: windOf(moment, units),
    ...fallenAs('1h', fallen),
    clouds: { all: moment.cloudPercent },
    dt: observedAt / 1000,
    sys: {
      type: 2,
      id: PLACE_ID,
      sunrise: Math.round(sun.riseAt / 1000),
      sunset: Math.round(sun.setAt / 1000),
    },
    timezone: localTime.offsetMs(observedAt) / 1000,
    id: PLACE_ID,
    name: system.name,
    cod: 200,
  }
}

export const forecastDocument = (
  model: WeatherModel,
  { system, localTime }: OpenWeatherMapPlace,
  units: OpenWeatherMapUnits,
  at: number,
  count = STEPS,
): object => {
  const run = runAsOf(model, at)
  const firstAt = Math.ceil(at / STEP_MS) * STEP_MS
  const list = Array.from({ length: Math.min(STEPS, count) }, (_, step) => {
    const validAt = firstAt + step * STEP_MS
    const moment = run(validAt)
    const isLight = isDay(sunOf(system.latitude, system.longitude, validAt), validAt)
    return {
      dt: validAt / 1000,
      main: { ...mainOf(moment, units), temp_kf: 0 },
      weather: [conditionOf(moment, isLight)],
      clouds: { all: moment.cloudPercent },
      wind: windOf(moment, units),
      visibility: visibilityOf(moment),
      pop: round(moment.precipitationProbability),
      ...fallenAs('3h', precipitationBefore(run, validAt, STEP_MS)),
      sys: { pod: isLight ? 'd' : 'n' },
      dt_txt: new Date(validAt).toISOString().slice(0, 19).replace('T', ' '),
    }
  })
  const sun = sunOf(system.latitude, system.longitude, at)
  return {
    cod: '200',
    message: 0,
    cnt: list.length,
    list,
    city: {
      id: PLACE_ID,
      name: system.name,
      coord: { lat: system.latitude, lon: system.longitude },
      population: 0,
      timezone: localTime.offsetMs(at) / 1000,
      sunrise: Math.round(sun.riseAt / 1000),
      sunset: Math.round(sun.setAt / 1000),
    },
  }
}

const mainOf = (moment: WeatherMoment, units: OpenWeatherMapUnits) => {
  const temperature = temperatureIn(units, moment.temperatureC)
  return {
    temp: temperature,
    feels_like: temperatureIn(units, apparentTemperatureC(moment)),
    temp_min: temperature,
    temp_max: temperature,
    pressure: Math.round(moment.pressureHpa),
    humidity: moment.humidityPercent,
    sea_level: Math.round(moment.pressureHpa),
    grnd_level: Math.round(moment.pressureHpa - 4),
  }
}

const temperatureIn = (units: OpenWeatherMapUnits, celsius: number): number =>
  round(units === 'metric' ? celsius : units === 'imperial' ? celsius * 1.8 + 32 : celsius + 273.15)

const windOf = (moment: WeatherMoment, units: OpenWeatherMapUnits) => {
  const factor = units === 'imperial' ? 2.23694 : 1
  return {
    speed: round(moment.windMetresPerSecond * factor),
    deg: moment.windDirectionDegrees,
    gust: round(moment.gustMetresPerSecond * factor),
  }
}

/** Rain and snow are in the answer only where there is some, in millimetres in every system of units. */
const fallenAs = (period: '1h' | '3h', { totalMm, snowMm }: { totalMm: number; snowMm: number }): object => {
  const rainMm = round(totalMm - snowMm)
  return {
    ...(rainMm > 0 ? { rain: { [period]: rainMm } } : {}),
    ...(round(snowMm) > 0 ? { snow: { [period]: round(snowMm) } } : {}),
  }
}

const visibilityOf = ({ precipitationMmPerHour }: WeatherMoment): number =>
  Math.round(10_000 / (1 + precipitationMmPerHour / 4))

const isDay = (sun: { riseAt: number; setAt: number }, at: number): boolean =>
  at >= sun.riseAt && at < sun.setAt

const conditionOf = (moment: WeatherMoment, isLight: boolean) => {
  const { precipitationMmPerHour: rate, cloudPercent, isSnow } = moment
  const icon = (code: string): string => `${code}${isLight ? 'd' : 'n'}`
  if (rate > 0.05 && isSnow) return { id: 600, main: 'Snow', description: 'light snow', icon: icon('13') }
  if (rate > 0.05)
    return rate < 2.5
      ? { id: 500, main: 'Rain', description: 'light rain', icon: icon('10') }
      : { id: 501, main: 'Rain', description: 'moderate rain', icon: icon('10') }
  if (cloudPercent < 11) return { id: 800, main: 'Clear', description: 'clear sky', icon: icon('01') }
  if (cloudPercent < 25) return { id: 801, main: 'Clouds', description: 'few clouds', icon: icon('02') }
  if (cloudPercent < 51) return { id: 802, main: 'Clouds', description: 'scattered clouds', icon: icon('03') }
  if (cloudPercent < 85) return { id: 803, main: 'Clouds', description: 'broken clouds', icon: icon('04') }
  return { id: 804, main: 'Clouds', description: 'overcast clouds', icon: icon('04') }
}

const round = (value: number): number => Number(value.toFixed(2))
