import { randomUUID } from 'node:crypto'
import type { DeadLetter, KafkaClient } from '@velocast/kafka'
import { allTopics, type TopicName } from '@velocast/schemas'
import { chooseLetters, groupLetters, type LetterChoice, type LetterGroup } from './choose-letters.ts'

export interface RedriveRequest extends LetterChoice {
  /** Of the records, not of the letters; undefined: all topics. */
  topic?: TopicName | undefined
  isDryRun: boolean
}

export interface RedriveReport {
  /** Null when nothing was sent. */
  redriveId: string | null
  groups: LetterGroup[]
  sent: number
}

export interface RedriveContext {
  kafka: KafkaClient
  signal: AbortSignal
  /** Told what there is before anything is sent. */
  onFound?: (groups: readonly LetterGroup[]) => void
  onProgress?: (sent: number, of: number) => void
}

/** The topic that a person names, be it the records' or the letters'; null when there is none of that name. */
export const topicNamed = (name: string): TopicName | null =>
  allTopics.find((topic) => topic.name === name.replace(/\.dlq$/, ''))?.name ?? null

/** Sends dead letters back to where they came from. */
export const redriveLetters = async (
  { topic, isDryRun, limit = Number.POSITIVE_INFINITY, ...choice }: RedriveRequest,
  { kafka, signal, onFound, onProgress }: RedriveContext,
): Promise<RedriveReport> => {
  const groups: LetterGroup[] = []
  const chosenOf = new Map<TopicName, DeadLetter[]>()
  let of = 0
  for (const name of topic ? [topic] : allTopics.map((each) => each.name)) {
    const letters = await kafka.deadLetters.read(name, signal)
    const chosen = chooseLetters(letters, { ...choice, limit: limit - of })
    groups.push(...groupLetters(letters, new Set(chosen)))
    if (chosen.length > 0) chosenOf.set(name, chosen)
    of += chosen.length
  }
  onFound?.(groups)
  if (isDryRun || of === 0) return { redriveId: null, groups, sent: 0 }
  const redriveId = randomUUID()
  let sent = 0
  for (const [name, chosen] of chosenOf)
    await kafka.deadLetters.redrive(name, new Set(chosen.map(({ offset }) => offset)), {
      redriveId,
      signal,
      onSent: (letters) => {
        sent += letters
        onProgress?.(sent, of)
      },
    })
  return { redriveId, groups, sent }
}
