import { observationRules } from '@velocast/features'
import type { DeadLetter, RejectionReason } from '@velocast/kafka'

/** A record, so that a new reason is missed here. */
const EVERY_REASON: Record<RejectionReason, true> = {
  'not-avro': true,
  'unknown-schema': true,
  invalid: true,
  'too-large': true,
}
/** A rule that refuses no more has refused before: letters of it may be there. */
export const REASONS: readonly string[] = [
  ...Object.keys(EVERY_REASON),
  ...observationRules.map(({ name }) => name),
]

export interface LetterChoice {
  system?: string | undefined
  reason?: string | undefined
  /** Refused at this moment or later, epoch milliseconds. */
  sinceMs?: number | undefined
  /** At most so many, the oldest first. */
  limit?: number | undefined
  /** Also those that were sent back before, and those that came back from it. */
  again: boolean
}

/**
 * The letters to be sent back. A letter that was sent back is left out, and so is one that is a record refused again: what
 * sends letters back by the clock must not send the same record round and round.
 */
export const chooseLetters = (letters: readonly DeadLetter[], choice: LetterChoice): DeadLetter[] => {
  const {
    system,
    reason,
    sinceMs = Number.NEGATIVE_INFINITY,
    limit = Number.POSITIVE_INFINITY,
    again,
  } = choice
  return letters
    .filter(
      (letter) =>
        (system === undefined || letter.systemId === system) &&
        (reason === undefined || letter.reason === reason) &&
        Date.parse(letter.rejectedAt) >= sinceMs &&
        (again || (!letter.isRedriven && letter.redrives === 0)),
    )
    .slice(0, limit)
}

export interface LetterGroup {
  topic: string
  reason: string
  letters: number
  /** Sent back before, or come back from it. */
  redriven: number
  /** Chosen now. */
  chosen: number
  oldest: string
  newest: string
  /** What the newest says. */
  detail: string
}

/** Letters by topic and reason. */
export const groupLetters = (
  letters: readonly DeadLetter[],
  chosen: ReadonlySet<DeadLetter>,
): LetterGroup[] =>
  [...Map.groupBy(letters, ({ topic, reason }) => `${topic}\n${reason}`).values()].map((group) => {
    const newest = group.at(-1)!
    return {
      topic: newest.topic,
      reason: newest.reason,
      letters: group.length,
      redriven: group.filter(({ isRedriven, redrives }) => isRedriven || redrives > 0).length,
      chosen: group.filter((letter) => chosen.has(letter)).length,
      oldest: group[0]!.rejectedAt,
      newest: newest.rejectedAt,
      detail: newest.detail,
    }
  })
