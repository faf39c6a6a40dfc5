/** Tells the time, epoch milliseconds. */
export interface Clock {
  now: () => number
}

export interface SimulatedClockOptions {
  /** How many simulated seconds go by in a real one. */
  speed?: number
  /** What the clock shows when it is made; the real time by default. */
  startAt?: number
  realNow?: () => number
}

/** A clock that runs at its own speed from its own moment. */
export const createSimulatedClock = ({
  speed = 1,
  startAt,
  realNow = Date.now,
}: SimulatedClockOptions = {}): Clock => {
  if (!(speed >= 0)) throw new RangeError(`The clock's speed is a number not below 0, not ${speed}.`)
  const madeAt = realNow()
  const shown = startAt ?? madeAt
  return { now: () => shown + (realNow() - madeAt) * speed }
}
