import { type AnswerOrigin, isSameOrigin } from './answer-cache.ts'

/** Runs `work`, unless the same is being worked out already from the same knowledge: then all get the one answer. */
export type ShareFlights<T> = (key: string, origin: AnswerOrigin, work: () => Promise<T>) => Promise<T>

interface Flight<T> {
  readonly origin: AnswerOrigin
  /** Null when it has ended. */
  answer: Promise<T> | null
}

export const createFlights = <T>(): ShareFlights<T> => {
  const flights = new Map<string, Flight<T>>()
  return (key, origin, work) => {
    const before = flights.get(key)
    if (before?.answer && isSameOrigin(before.origin, origin)) return before.answer
    const answer = work()
    const flight: Flight<T> = { origin, answer }
    flights.set(key, flight)
    const end = (): void => {
      // A map that entries come to and go from is made anew each few of them, and V8 has each of its tables hold the next: those
      // that have grown old, and what is in them, stay until all of the heap is marked. The answer must not be among it.
      flight.answer = null
      if (flights.get(key) === flight) flights.delete(key)
    }
    answer.then(end, end)
    return answer
  }
}
