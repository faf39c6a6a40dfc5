/**
 * For how long an answer is good according to HTTP (RFC 9111), milliseconds from now; 0 where it says nothing. What is
 * for shared caches only (`s-maxage`) is no concern of ours.
 */
export const freshForMs = (headers: Headers, now: number): number => {
  const directives = (headers.get('cache-control') ?? '').toLowerCase()
  if (/\bno-(cache|store)\b/.test(directives)) return 0
  const maxAge = /\bmax-age\s*=\s*"?(\d+)/.exec(directives)?.[1]
  if (maxAge !== undefined) return Math.max(0, Number(maxAge) - secondsOf(headers.get('age'))) * 1000
  const expiresAt = Date.parse(headers.get('expires') ?? '')
  const sentAt = Date.parse(headers.get('date') ?? '')
  // By the server's own clock, which need not be ours.
  const forMs = expiresAt - (Number.isFinite(sentAt) ? sentAt : now)
  return Number.isFinite(forMs) ? Math.max(0, forMs) : 0
}

/** When a server that is busy wants to be asked again, milliseconds from now; 0 where it does not say. Seconds or a date. */
export const retryAfterMs = (headers: Headers, now: number): number => {
  const header = headers.get('retry-after')
  if (header === null) return 0
  const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isFinite(ms) ? Math.max(0, ms) : 0
}

const secondsOf = (header: string | null): number =>
  header !== null && /^\d+$/.test(header) ? Number(header) : 0
