import { ConfigError, type System } from '@velocast/runtime'
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
  const at = `system ${systemId}: weather from openweathermap`
  if (apiKeyVariable === undefined)
    throw new ConfigError([`${at} needs weather.apiKeyVariable, the environment variable that holds the key`])
  const apiKey = env[apiKeyVariable]
  if (!apiKey) throw new ConfigError([`${at} needs a key, and ${apiKeyVariable} is not set`])
  return openWeatherMap({ apiKey, address })
}
