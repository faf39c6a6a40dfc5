import type { Answer, RequestJson } from './request-json.ts'

/**
 * A requester for questions that come at regular moments: after the second question to an address it has the answers to
 * the next ones on their way before they are asked for. What is asked, and what is answered, stays the same.
 */
export const readAhead = (
  request: RequestJson,
  { ahead, until }: { ahead: number; until: number },
): RequestJson => {
  const feeds = new Map<string, { lastAt: number; pending: Map<number, Promise<Answer>> }>()
  return (address, options) => {
    const { at } = options
    const feed = feeds.get(address)
    if (!feed) {
      feeds.set(address, { lastAt: at, pending: new Map() })
      return request(address, options)
    }
    const answer = feed.pending.get(at) ?? request(address, options)
    const stepMs = at - feed.lastAt
    feed.lastAt = at
    for (const known of feed.pending.keys()) if (known <= at) feed.pending.delete(known)
    if (stepMs <= 0) return answer
    for (let next = at + stepMs; next <= Math.min(until, at + ahead * stepMs); next += stepMs) {
      if (feed.pending.has(next)) continue
      const early = request(address, { ...options, at: next })
      // Whoever asks for it hears of the failure; nobody may ask.
      early.catch(() => {})
      feed.pending.set(next, early)
    }
    return answer
  }
}
