import { FeedError, withoutSecrets } from '../feed-error.ts'
import { type ApiKey, withKey } from './api-key.ts'

const MAX_REDIRECTS = 5
const REDIRECTS = new Set([301, 302, 303, 307, 308])
const PERMANENT = new Set([301, 308])
/** Addresses come from feeds, and must not fill our memory. */
const MAX_REMEMBERED = 10_000

export interface RedirectFollower {
  /** The first answer that is no redirect. Throws a FeedError, and whatever `fetch` throws. */
  follow: (
    fetch: typeof globalThis.fetch,
    address: string,
    init: { headers: Record<string, string>; signal: AbortSignal; key: ApiKey | undefined },
  ) => Promise<Response>
}

/**
 * Follows redirects by hand, because every address on the way is checked, and there is an end to it. What has moved for
 * good is asked for where it is from then on, until it is not to be had there.
 */
export const createRedirectFollower = (): RedirectFollower => {
  const movedTo = new Map<string, string>()

  const remember = (from: string, to: string): void => {
    if (movedTo.size >= MAX_REMEMBERED) movedTo.delete(movedTo.keys().next().value!)
    movedTo.set(from, to)
  }
  return {
    follow: async (fetch, first, { headers, signal, key }) => {
      const start = movedTo.get(first) ?? first
      let address = start
      let isPermanent = true
      let isSecure = false
      for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
        const protocol = protocolOf(address, first)
        const request = withKey(address, headers, key)
        const isDowngrade = isSecure && protocol === 'http:'
        if (isDowngrade && request.isKeyed)
          throw new FeedError(
            'address',
            `${withoutSecrets(first)} redirects from https to http, which would show the key to everybody`,
          )
        isSecure = protocol === 'https:'
        isPermanent &&= !isDowngrade
        if (isPermanent && address !== start) remember(first, address)
        const response = await fetch(request.address, {
          headers: request.headers,
          signal,
          redirect: 'manual',
        })
        const location = response.headers.get('location')
        if (!REDIRECTS.has(response.status) || location === null) {
          // An outage says nothing about where the feed is.
          if (response.status === 404 || response.status === 410) movedTo.delete(first)
          return response
        }
        await response.body?.cancel()
        if (!URL.canParse(location, request.address))
          throw new FeedError('address', `${withoutSecrets(first)} redirects to an address that is none`)
        isPermanent &&= PERMANENT.has(response.status)
        address = new URL(location, request.address).href
      }
      movedTo.delete(first)
      throw new FeedError(
        'too-many-redirects',
        `${withoutSecrets(first)} redirects more than ${MAX_REDIRECTS} times`,
      )
    },
  }
}

const protocolOf = (address: string, first: string): 'http:' | 'https:' => {
  const protocol = URL.canParse(address) ? new URL(address).protocol : ''
  if (protocol === 'http:' || protocol === 'https:') return protocol
  const whose = address === first ? "a feed's address" : `where ${withoutSecrets(first)} redirects to`
  throw new FeedError('address', `${whose} must begin with http:// or https://, not "${protocol}"`)
}
