/** The one word that the schema has for the sky. */
export type Condition = 'clear' | 'clouds' | 'fog' | 'drizzle' | 'rain' | 'snow' | 'thunderstorm' | 'unknown'

/** Upper ends of the ranges of WMO 4677 codes that Open-Meteo uses. */
const WMO: readonly [upTo: number, condition: Condition][] = [
  [1, 'clear'],
  [3, 'clouds'],
  [44, 'unknown'],
  [48, 'fog'],
  [50, 'unknown'],
  [57, 'drizzle'],
  [67, 'rain'],
  [77, 'snow'],
  [82, 'rain'],
  [86, 'snow'],
  [94, 'unknown'],
  [99, 'thunderstorm'],
]

export const conditionOfWmoCode = (code: unknown): Condition =>
  typeof code === 'number' && code >= 0 ? (WMO.find(([upTo]) => code <= upTo)?.[1] ?? 'unknown') : 'unknown'

/** OpenWeatherMap's ids: the hundreds are groups; 7xx is whatever hangs in the air. */
export const conditionOfOpenWeatherMapId = (id: unknown): Condition => {
  if (typeof id !== 'number') return 'unknown'
  if (id === 800) return 'clear'
  const groups: Record<number, Condition> = {
    2: 'thunderstorm',
    3: 'drizzle',
    5: 'rain',
    6: 'snow',
    7: 'fog',
    8: 'clouds',
  }
  return groups[Math.floor(id / 100)] ?? 'unknown'
}
