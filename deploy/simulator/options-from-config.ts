import { ConfigError } from '@velocast/runtime'
import type { Static } from 'typebox'
import type { simulatorConfig } from './config.ts'
import { createSimulatedClock } from './simulated-clock.ts'
import type { CityFeedSettings, RecordedFeedSettings, SimulatorOptions } from './start-simulator.ts'

type Config = Static<typeof simulatorConfig>

/** `--history-days 20` and `--history-days=20` → `SIMULATOR_HISTORY_DAYS: '20'`. Throws a ConfigError for any other. */
export const environmentFromFlags = (
  flags: readonly string[],
  known: readonly string[],
): Record<string, string> => {
  const environment: Record<string, string> = {}
  const mistakes: string[] = []
  for (let index = 0; index < flags.length; index++) {
    const [flag = '', ...rest] = flags[index]!.split('=')
    const variable = `SIMULATOR_${flag.replace(/^--/, '').replaceAll('-', '_').toUpperCase()}`
    const value = rest.length > 0 ? rest.join('=') : flags[++index]
    if (!flag.startsWith('--') || !known.includes(variable)) mistakes.push(`${flag} is not a flag`)
    else if (value === undefined) mistakes.push(`${flag} needs a value`)
    else environment[variable] = value
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return environment
}

/** Throws a ConfigError that lists what cannot be used. */
export const optionsFromConfig = (
  config: Config,
  onProgress: (message: string) => void,
): SimulatorOptions => {
  const mistakes: string[] = []
  const momentOf = (name: keyof Config): number | undefined => {
    const text = config[name]
    if (text === undefined) return undefined
    const at = Date.parse(String(text))
    if (Number.isNaN(at)) mistakes.push(`${name}=${text} is not an ISO 8601 moment`)
    return at
  }
  const startAt = momentOf('SIMULATOR_START_AT')
  const windowStart = momentOf('SIMULATOR_WINDOW_START')
  const windowEnd = momentOf('SIMULATOR_WINDOW_END')
  const latitude = config.SIMULATOR_LATITUDE
  const longitude = config.SIMULATOR_LONGITUDE
  if ((latitude === undefined) !== (longitude === undefined))
    mistakes.push('SIMULATOR_LATITUDE and SIMULATOR_LONGITUDE go together')
  const timeZone = config.SIMULATOR_TIME_ZONE
  if (timeZone !== undefined && !isTimeZone(timeZone))
    mistakes.push(`SIMULATOR_TIME_ZONE=${timeZone} is not an IANA time zone`)
  if (mistakes.length > 0) throw new ConfigError(mistakes)

  const city: CityFeedSettings = {
    kind: 'city',
    hasStationOutages: config.SIMULATOR_OUTAGES !== 'none',
    hasFeedOutages: config.SIMULATOR_OUTAGES === 'all',
  }
  const recorded = (data: string): RecordedFeedSettings => ({
    kind: 'recorded',
    data,
    historyDays: config.SIMULATOR_HISTORY_DAYS,
    onProgress,
    ...(config.SIMULATOR_INFORMATION === undefined ? {} : { information: config.SIMULATOR_INFORMATION }),
    ...(config.SIMULATOR_WEEKS_MOVED === undefined ? {} : { weeksMoved: config.SIMULATOR_WEEKS_MOVED }),
    ...(windowStart === undefined ? {} : { windowStart }),
    ...(windowEnd === undefined ? {} : { windowEnd }),
  })
  return {
    port: config.SIMULATOR_PORT,
    seed: config.SIMULATOR_SEED,
    stations: config.SIMULATOR_STATIONS,
    clock: createSimulatedClock({
      speed: config.SIMULATOR_SPEED,
      ...(startAt === undefined ? {} : { startAt }),
    }),
    gbfsVersion: config.SIMULATOR_GBFS_VERSION,
    feed: config.SIMULATOR_DATA === undefined ? city : recorded(config.SIMULATOR_DATA),
    ...(latitude === undefined || longitude === undefined ? {} : { centre: { latitude, longitude } }),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(config.SIMULATOR_SYSTEM_ID === undefined ? {} : { systemId: config.SIMULATOR_SYSTEM_ID }),
  }
}

const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
