import { type AnswerOrigin, isSameOrigin } from './answer-cache.ts'

/** Runs `work`, unless the same is being worked out already from the same knowledge: then all get the one answer. */
export type ShareFlights<T> = (key: string, origin: AnswerOrigin, work: () => Promise<T>) => Promise<T>

export const createFlights = <T>(): ShareFlights<T> => {
  const flights = new Map<string, { origin: AnswerOrigin; answer: Promise<T> }>()
  return (key, origin, work) => {
    const before = flights.get(key)
    if (before && isSameOrigin(before.origin, origin)) return before.answer
    const flight = { origin, answer: work() }
    flights.set(key, flight)
    const end = (): void => {
      if (flights.get(key) === flight) flights.delete(key)
    }
    flight.answer.then(end, end)
    return flight.answer
  }
}
