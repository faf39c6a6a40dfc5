import type { NoteOddity } from './collect-oddities.ts'

/** A host's name and a path, the scheme forgotten. */
const WITHOUT_SCHEME = /^[a-z0-9-]+(\.[a-z0-9-]+)+\.?(:\d+)?\//i

/** A host's name after two slashes, of whichever kind. */
const WITHOUT_PROTOCOL = /^[\\/]{2}(?=[^\\/])/

/** A feed's address as gbfs.json, which is at `base`, means it; null where it is none. */
export const completeAddress = (url: string, base: string, note: NoteOddity): string | null => {
  const text = url.trim()
  const protocol = URL.canParse(base) ? new URL(base).protocol : 'https:'
  // No saved document is on a host.
  const scheme = protocol === 'file:' ? 'https:' : protocol
  const isOnHost = WITHOUT_SCHEME.test(text) || WITHOUT_PROTOCOL.test(text)
  const whole = isOnHost ? `${scheme}//${text.replace(WITHOUT_PROTOCOL, '')}` : text
  if (text === '' || !URL.canParse(whole, base)) {
    note('feed-address-unreadable', `"${text}"`)
    return null
  }
  const address = new URL(whole, base)
  if (!URL.canParse(text)) note('feed-address-relative', `"${text}"`)
  const isKnownToBeSecure =
    protocol === 'https:' && address.protocol === 'http:' && address.host === new URL(base).host
  if (!isKnownToBeSecure) return address.href
  note('feed-address-insecure', `${address.origin}${address.pathname}`)
  address.protocol = 'https:'
  return address.href
}
