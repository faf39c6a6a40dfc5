import { type NoteOddity, shown } from '../gbfs/collect-oddities.ts'

/** What a quantity can be; anything else is a mistake of the source, and counts as unknown. */
const PLAUSIBLE = {
  temperatureC: [-90, 60],
  humidityPercent: [0, 100],
  windSpeedMps: [0, 120],
  precipitationMm: [0, 500],
  cloudCoverPercent: [0, 100],
  pressureHpa: [850, 1100],
  visibilityM: [0, 1_000_000],
} as const

export type Quantity = keyof typeof PLAUSIBLE

/** One unit as a multiple of the schema's, and what is taken off first. */
const UNITS: Record<string, { scale: number; minus?: number }> = {
  '°C': { scale: 1 },
  '°F': { scale: 5 / 9, minus: 32 },
  K: { scale: 1, minus: 273.15 },
  '%': { scale: 1 },
  'm/s': { scale: 1 },
  'km/h': { scale: 1 / 3.6 },
  'mp/h': { scale: 0.44704 },
  mph: { scale: 0.44704 },
  kn: { scale: 1852 / 3600 },
  mm: { scale: 1 },
  inch: { scale: 25.4 },
  hPa: { scale: 1 },
  m: { scale: 1 },
  ft: { scale: 0.3048 },
}

/**
 * The value in the schema's unit; NaN where it is absent, and, with a note, where it is implausible or in a unit that is
 * not known.
 */
export const readQuantity = (quantity: Quantity, value: unknown, unit: string, note: NoteOddity): number => {
  if (value === undefined || value === null) return Number.NaN
  const known = UNITS[unit]
  if (known === undefined) {
    note('weather-unit-unknown', `${quantity} in ${shown(unit)}`)
    return Number.NaN
  }
  const converted = typeof value === 'number' ? (value - (known.minus ?? 0)) * known.scale : Number.NaN
  const [least, most] = PLAUSIBLE[quantity]
  if (converted >= least && converted <= most) return converted
  note('weather-implausible', `${quantity} ${shown(value)} ${unit}`)
  return Number.NaN
}
