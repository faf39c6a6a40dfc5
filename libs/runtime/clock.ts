/** Tells the time, epoch milliseconds. Passed in wherever time matters, so that tests and replays own it. */
export interface Clock {
  now: () => number
}

export const systemClock: Clock = { now: () => Date.now() }
