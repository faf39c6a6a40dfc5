export interface PollRhythm {
  /** Takes a poll in. Returns the moment at which polls were missed before it; null for the first. */
  add: (polledAt: number) => number | null
  /** The moment from which on polls are missed, unless one comes before it; null before the first poll. */
  missedAt: () => number | null
}

const GAPS = 9
/** A feed polled each minute may miss a few; one polled hourly may be late. */
const LEAST_SILENCE_MS = 60 * 60_000
const USUAL_GAPS = 3

/** How long after a poll the next one is overdue: three times the usual distance, and at least an hour. */
export const createPollRhythm = (): PollRhythm => {
  const gaps: number[] = []
  let newest: number | null = null
  const missedAt = (): number | null => {
    if (newest === null) return null
    const usual = [...gaps].sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0
    return newest + Math.max(LEAST_SILENCE_MS, USUAL_GAPS * usual)
  }
  return {
    missedAt,
    add(polledAt) {
      const missed = missedAt()
      if (newest !== null) gaps.push(polledAt - newest)
      if (gaps.length > GAPS) gaps.shift()
      newest = polledAt
      return missed
    },
  }
}
