/**
 * The answers that are kept are no longer true once another model takes over: asked for at the old rate, all would have to be
 * worked out at once. So they are worked out by the new model before it takes over, those that were asked for last first.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '@velocast/runtime'
import type { SystemPredictor } from '../predictor.ts'
import type { Answer, AnswerCache, KeptAnswer } from './answer-cache.ts'

/** One is written while another is scored. More would take the event loop from those who ask. */
const AT_A_TIME = 2
/** A promotion is to be acted upon soon; what is left is worked out when it is asked for. */
const LONGEST_MS = 3_000

/** What it resolves to puts the answers in the place of those before; unless it is called they are gone with the signal. Never rejects. */
export const prepareAnswers = async <T>(
  cache: AnswerCache<T>,
  system: SystemPredictor,
  clock: Clock,
  signal: AbortSignal,
  workOut: (kept: KeptAnswer<T>) => Promise<Answer<T>>,
): Promise<() => void> => {
  const prepared: [key: string, answer: KeptAnswer<T>][] = []
  const drop = (): void => {
    for (const [, answer] of prepared.splice(0)) cache.drop(answer)
  }
  signal.addEventListener('abort', drop)
  const waiting = cache.newest().values()
  const endsAt = performance.now() + LONGEST_MS
  const work = async (): Promise<void> => {
    for (const [key, kept] of waiting) {
      if (signal.aborted || performance.now() > endsAt) return
      if (kept.origin.model !== system.holder.current() || clock.now() >= kept.validUntil) continue
      // What cannot be worked out now is when it is asked for.
      const answer = await workOut(kept).catch(() => null)
      if (signal.aborted) return
      const next = answer && cache.take(answer)
      if (next) prepared.push([key, next])
      await nextTurn()
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, work))
  return () => {
    signal.removeEventListener('abort', drop)
    for (const [key, answer] of prepared.splice(0).reverse()) cache.put(key, answer)
  }
}
