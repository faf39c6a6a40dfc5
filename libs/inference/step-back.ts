/**
 * Priorities of threads. Where the event loop has one core with others, whoever asks for something else, a probe or a kept answer, is to
 * be answered first: the kernel would let the others go on until its next tick, some milliseconds, and one after another. Only
 * Linux gives threads priorities of their own.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'
import { basename } from 'node:path'

/** Of niceness: a third of the weight that the event loop has. Anybody may step back so far; nobody needs to come forward again. */
const STEPS_BACK = 5
const LAST = 19
/** What V8 collects garbage and compiles with, for all of a process's threads. */
const HELPERS_NAME = 'V8Worker'

/** A thread that calls this steps back. */
export const stepBack = (): void => {
  if (process.platform === 'linux') letOthersGoFirst(basename(readlinkSync('/proc/thread-self')))
}

/**
 * V8's own threads step back. As far as those that score, and no further: the event loop waits for those that collect with it,
 * which would wait for a batch.
 */
export const letHelpersStepBack = (): void => {
  if (process.platform !== 'linux') return
  for (const thread of readdirSync('/proc/self/task'))
    if (nameOf(thread) === HELPERS_NAME) letOthersGoFirst(thread)
}

const letOthersGoFirst = (thread: string): void =>
  setPriority(Number(thread), Math.min(LAST, getPriority() + STEPS_BACK))

const nameOf = (thread: string): string => {
  try {
    return readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim()
  } catch {
    // It has ended meanwhile.
    return ''
  }
}
