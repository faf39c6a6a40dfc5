import { ConfigError, type System } from '@velocast/runtime'
import type { ApiKey } from './api-key.ts'
import type { RequestJson } from './request-json.ts'

/**
 * The key to an operator's feeds, from the environment variable that the system names; undefined where it names none.
 * Throws a ConfigError when the variable is not set.
 */
export const keyOfSystem = (
  { systemId, gbfs, gbfsKey }: Pick<System, 'systemId' | 'gbfs' | 'gbfsKey'>,
  env: Record<string, string | undefined>,
): ApiKey | undefined => {
  if (gbfsKey === undefined) return undefined
  const { variable, header, query, hosts = [] } = gbfsKey
  const value = keyIn(env, variable, `system ${systemId}: its feeds`)
  return {
    in: header === undefined ? 'query' : 'header',
    name: header ?? query ?? '',
    value,
    hosts: new Set(URL.canParse(gbfs) ? [new URL(gbfs).host, ...hosts] : hosts),
  }
}

/** A key's value, without the line end that a file of secrets leaves. Throws a ConfigError that says who needs it. */
export const keyIn = (env: Record<string, string | undefined>, variable: string, who: string): string => {
  const value = env[variable]?.trim()
  if (!value) throw new ConfigError([`${who} need a key, and ${variable} is not set`])
  return value
}

/** Sends the key with every request to a host that may see it. */
export const keyed =
  (request: RequestJson, key: ApiKey | undefined): RequestJson =>
  (address, options) =>
    request(address, { ...options, key })
