import { ConfigError, type System } from '@velocast/runtime'
import { keyIn } from '../http/key-of-system.ts'
import { openMeteo } from './open-meteo.ts'
import { openWeatherMap } from './open-weather-map.ts'
import type { WeatherProvider } from './weather-provider.ts'

/**
 * The provider that the system names, with the key from the environment variable that it names. Throws a ConfigError
 * when the key is missing.
 */
export const providerOfSystem = (
  { systemId, weather }: Pick<System, 'systemId' | 'weather'>,
  env: Record<string, string | undefined>,
): WeatherProvider => {
  const { provider, address, apiKeyVariable } = weather
  if (provider === 'open-meteo') return openMeteo(address)
  const who = `system ${systemId}: the requests to openweathermap`
  if (apiKeyVariable === undefined)
    throw new ConfigError([`${who} need weather.apiKeyVariable, the environment variable that holds the key`])
  return openWeatherMap({ apiKey: keyIn(env, apiKeyVariable, who), address })
}
