/**
 * Answers as they were written, kept for as long as they are true. An entry knows what it was made of: the station's own
 * state, the weather, the neighbours' where they were looked at, the model, and the moment at which time alone makes it
 * untrue (a target passes, or the knowledge becomes stale). One that is no longer true is not given.
 */
import { LRUCache } from 'lru-cache'
import type { Knowledge } from '../knowledge.ts'
import type { SystemPredictor } from '../predictor.ts'
import {
  BLOCK_BYTES,
  type Body,
  blocksOf,
  createAnswerMemory,
  type KeptBody,
  type WrittenBody,
} from './answer-memory.ts'

/** What an answer was made of. */
export interface AnswerOrigin {
  readonly model: object | null
  readonly station: number
  readonly weather: number
  readonly all: number
}

export interface Answer<T> {
  /** What is known about it, beside its body. */
  readonly about: T
  readonly body: WrittenBody
  readonly origin: AnswerOrigin
  /** Whether other stations were looked at: then any change of the system's may change the answer. */
  readonly usesNeighbours: boolean
  /** Epoch milliseconds from which on it is untrue. */
  readonly validUntil: number
}

export interface KeptAnswer<T> extends Omit<Answer<T>, 'body'> {
  readonly body: KeptBody
}

export interface AnswerCache<T = unknown> {
  readonly get: (key: string, system: SystemPredictor, stationId: string, now: number) => KeptAnswer<T> | null
  /** The body of one that was just given, as of now. `age` is in seconds. */
  readonly read: (answer: KeptAnswer<T>, age: number | null) => Body
  /**
   * Takes an answer into memory; it is given by `get` once it is put, and otherwise has to be dropped. Null where there is no
   * room for it even when nothing else is kept; one that is too large costs no other its place.
   */
  readonly take: (answer: Answer<T>) => KeptAnswer<T> | null
  readonly put: (key: string, answer: KeptAnswer<T>) => void
  readonly drop: (answer: KeptAnswer<T>) => void
  /** Those that are kept, true or not, what was asked for last first. */
  readonly newest: () => readonly [key: string, answer: KeptAnswer<T>][]
  /** Of those that are kept. */
  readonly bytes: () => number
}

/** To be taken before an answer is worked out: what changes meanwhile makes it untrue from the start. */
export const originOf = ({ knowledge, holder }: SystemPredictor, stationId: string): AnswerOrigin => ({
  model: holder.current(),
  station: knowledge.changes.ofStation(stationId),
  weather: knowledge.changes.ofWeather(),
  all: knowledge.changes.all(),
})

export const isSameOrigin = (one: AnswerOrigin, other: AnswerOrigin): boolean =>
  one.model === other.model &&
  one.station === other.station &&
  one.weather === other.weather &&
  one.all === other.all

/** Of the key and the objects around an answer. */
const ENTRY_BYTES = 1_024

/**
 * Keeps at most `maxBytes`; those that were not asked for the longest go first. Which these are is kept beside the map: to take an
 * entry out of it and put it in again has V8 make the map anew every few times.
 */
export const createAnswerCache = <T>(maxBytes: number): AnswerCache<T> => {
  // So that what fits into the memory fits beside its entry.
  const memory = createAnswerMemory(Math.max(0, maxBytes - ENTRY_BYTES))
  const answers = new LRUCache<string, KeptAnswer<T>>({
    // Nothing is as small as the least size that there can be.
    maxSize: Math.max(1, maxBytes),
    sizeCalculation: ({ body }) => blocksOf(body.bytes) * BLOCK_BYTES + ENTRY_BYTES,
    dispose: ({ body }) => memory.free(body),
  })
  return {
    get: (key, { knowledge, holder }, stationId, now) => {
      const answer = answers.get(key)
      if (!answer) return null
      if (now < answer.validUntil && isFrom(answer, knowledge, holder.current(), stationId)) return answer
      answers.delete(key)
      return null
    },
    read: ({ body }, age) => memory.read(body, age),
    take: ({ body, ...answer }) => {
      const kept = memory.keep(body, () => answers.pop() !== undefined)
      return kept && { ...answer, body: kept }
    },
    put: (key, answer) => void answers.set(key, answer),
    drop: ({ body }) => memory.free(body),
    newest: () => [...answers.entries()],
    bytes: () => answers.calculatedSize,
  }
}

const isFrom = (
  { origin, usesNeighbours }: Pick<KeptAnswer<unknown>, 'origin' | 'usesNeighbours'>,
  { changes }: Knowledge,
  model: object | null,
  stationId: string,
): boolean =>
  origin.model === model &&
  origin.weather === changes.ofWeather() &&
  origin.station === changes.ofStation(stationId) &&
  (!usesNeighbours || origin.all === changes.all())
