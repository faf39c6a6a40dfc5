/** The newest events of a system, numbered, for those who listen and those who were away for a moment. */

export interface LoggedEvent {
  /** Of the event stream: the process, and a number that grows by one. */
  readonly id: string
  readonly name: 'forecasts' | 'model'
  readonly data: Readonly<Record<string, unknown>>
  /** Those that it is about; null for the whole system. */
  readonly stationIds: ReadonlySet<string> | null
}

export interface EventLog {
  readonly publish: (event: Omit<LoggedEvent, 'id'>) => void
  /** Events after the one of this id; null where that is not known any more, so that some may be missed. */
  readonly since: (lastId: string) => readonly LoggedEvent[] | null
  readonly newestId: () => string
  /** Gives every later event to `listener`, until the function that it returns is called. */
  readonly listen: (listener: (event: LoggedEvent) => void) => () => void
  readonly listeners: () => number
}

/** Keeps the newest `limit` events. `processId` tells its numbers from those of another process. */
export const createEventLog = (processId: string, limit = 64): EventLog => {
  const events: LoggedEvent[] = []
  const listeners = new Set<(event: LoggedEvent) => void>()
  let newest = 0
  const idOf = (number: number): string => `${processId}:${number}`
  return {
    publish: (event) => {
      newest++
      const logged = { ...event, id: idOf(newest) }
      events.push(logged)
      if (events.length > limit) events.shift()
      for (const listener of [...listeners]) listener(logged)
    },
    since: (lastId) => {
      if (lastId === idOf(newest)) return []
      const at = events.findIndex(({ id }) => id === lastId)
      if (at >= 0) return events.slice(at + 1)
      // Before the first one that is kept, which was the first of all.
      return lastId === idOf(0) && newest === events.length ? [...events] : null
    },
    newestId: () => idOf(newest),
    listen: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    listeners: () => listeners.size,
  }
}
