/** A forecast for the terminal: a table by the hour, and a chart of the expected bikes within their interval. */
export interface ForecastAnswer {
  station_id: string
  name: string | null
  capacity: number | null
  as_of: string
  data_age_seconds: number
  degraded: boolean
  reasons: readonly string[]
  model: { name: string; version: string }
  forecasts: readonly {
    target_at: string
    horizon_hours: number
    bikes: { mean: number; q05: number; q50: number; q95: number }
    bike_probability: number
    dock_probability: number
    departures: number
  }[]
}

const CHART_ROWS = 8

export const presentForecast = (forecast: ForecastAnswer, timeZone: string): string[] => {
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
  })
  const title = `${forecast.name ?? forecast.station_id} (${forecast.station_id}), ${forecast.capacity ?? '?'} docks, as of ${clock.format(new Date(forecast.as_of))}`
  const model = `model ${forecast.model.name} version ${forecast.model.version}`
  const table = forecast.forecasts.map(
    ({ target_at, bikes, bike_probability, dock_probability, departures }) =>
      [
        clock.format(new Date(target_at)).padEnd(10),
        bikes.mean.toFixed(1).padStart(6),
        `${bikes.q05.toFixed(0)}–${bikes.q95.toFixed(0)}`.padStart(9),
        percent(bike_probability).padStart(8),
        percent(dock_probability).padStart(8),
        departures.toFixed(1).padStart(9),
      ].join(' '),
  )
  return [
    title,
    model + (forecast.degraded ? `; degraded: ${forecast.reasons.join('; ')}` : ''),
    '',
    'time        bikes  90 % in  P(bike)  P(dock) departures',
    ...table,
    '',
    ...chart(forecast),
  ]
}

const percent = (probability: number): string => `${Math.round(probability * 100)} %`

/** One column an hour: █ up to the expected value's row, ░ what the interval covers beside it. */
const chart = ({ forecasts, capacity }: ForecastAnswer): string[] => {
  const top = Math.max(capacity ?? 0, ...forecasts.map(({ bikes }) => bikes.q95), 1)
  const rows = Array.from({ length: CHART_ROWS }, (_, index) => {
    const level = ((CHART_ROWS - index - 0.5) / CHART_ROWS) * top
    const cells = forecasts.map(({ bikes }) => {
      const isMean = Math.abs(bikes.mean - level) <= top / CHART_ROWS / 2
      if (isMean) return '██'
      return level >= bikes.q05 && level <= bikes.q95 ? '░░' : '  '
    })
    const label = index === 0 ? top.toFixed(0) : ''
    return `${label.padStart(4)} │${cells.join('')}`
  })
  const hours = forecasts.map(({ horizon_hours }, index) =>
    index % 6 === 5 ? `+${Math.round(horizon_hours)}`.padStart(2) : '  ',
  )
  return [
    ...rows,
    `   0 └${'──'.repeat(forecasts.length)}`,
    `      ${hours.join('')} h   ██ expected  ░░ 90 % interval`,
  ]
}
