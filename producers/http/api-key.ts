/** An operator's or a weather service's key, and how it is sent. Its value is in no log, record or message of ours. */
export interface ApiKey {
  in: 'header' | 'query'
  /** Of the header or of the query's parameter. */
  name: string
  value: string
  /** Host names, with the port where it is not the usual one, that may see it: no redirect and no feed takes it elsewhere. */
  hosts: ReadonlySet<string>
}

export interface KeyedRequest {
  address: string
  headers: Record<string, string>
  /** Whether the key is in it. */
  isKeyed: boolean
}

/** The request with the key where the host may see it, and without where it may not, even when the address already holds it. */
export const withKey = (
  address: string,
  headers: Record<string, string>,
  key: ApiKey | undefined,
): KeyedRequest => {
  if (key === undefined) return { address, headers, isKeyed: false }
  const url = new URL(address)
  const isTrusted = key.hosts.has(url.host)
  if (key.in === 'header')
    return {
      address,
      headers: isTrusted ? { ...headers, [key.name]: key.value } : headers,
      isKeyed: isTrusted,
    }
  if (isTrusted) url.searchParams.set(key.name, key.value)
  else if (url.searchParams.get(key.name) === key.value) url.searchParams.delete(key.name)
  return { address: url.href, headers, isKeyed: isTrusted }
}

/** Servers like to repeat a key that they refuse. */
export const redact = (text: string, key: ApiKey | undefined): string =>
  key === undefined
    ? text
    : text.replaceAll(key.value, '[key]').replaceAll(encodeURIComponent(key.value), '[key]')
