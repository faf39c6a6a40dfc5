/**
 * History from recorded snapshots, published as the live producer would have: stations, observations, and the polls
 * that close them.
 *
 * It can be killed at any moment and run again: it asks the log which moments have been polled, and does the others. What was
 * published without its poll is published again with the same content, which changes nothing downstream.
 */
import type { KafkaClient } from '@velocast/kafka'
import { findFiles, readInTimeOrder, stationsIn } from '@velocast/recordings'
import type { Clock } from '@velocast/runtime'
import { STATUS_FEED } from '../stations/station-cursor.ts'
import { batchPublish } from './batch-publish.ts'
import { pollRecording } from './poll-recording.ts'
import { publishHistory } from './publish-history.ts'
import { readWindow } from './read-window.ts'
import { sizeOfFiles } from './size-of-files.ts'

export interface StatusBackfillOptions {
  systemId: string
  /** Files, and folders of files: CSV or GBFS documents, also compressed and in archives. */
  paths: readonly string[]
  /** Epoch milliseconds, both included; by default all that was recorded. */
  from?: number
  to?: number
  kafka: KafkaClient
  clock: Clock
  /** Records published together. */
  batchRecords?: number
  onProgress?: (progress: StatusBackfillProgress) => void
  /** Hears of what could not be used, in words. */
  onNotice?: (notice: string) => void
  signal?: AbortSignal
}

export interface StatusBackfillProgress {
  /** Of the files' bytes, 0 to 1. */
  share: number
  /** The moment that has been reached. */
  at: number
  observations: number
}

export interface StatusBackfillResult {
  /** Snapshots published in this run, and the observations in them. */
  polls: number
  observations: number
  /** Snapshots that the log held already. */
  resumed: number
  /** Entries that could not be used, by the rules of the live producer. */
  rejected: number
  /** Snapshots that came too late to be put in order, or could not be read. */
  leftOut: number
  /** Of what was published in this run; null when nothing was. */
  firstAt: number | null
  lastAt: number | null
  /**
   * The log held later polls before: the histories have gone past these, so that a replay must compute what follows from
   * them.
   */
  needsReplay: boolean
  seconds: number
}

/** kafkajs groups the records of a request in time quadratic in their number; a batch costs a round trip. */
const BATCH_RECORDS = 2_500
const PROGRESS_EVERY_POLLS = 20

/** Rejects with the signal's reason when it is aborted, and with an error that names the file when one cannot be read. */
export const backfillStatus = async ({
  systemId,
  paths,
  from = Number.NEGATIVE_INFINITY,
  to = Number.POSITIVE_INFINITY,
  kafka,
  clock,
  batchRecords = BATCH_RECORDS,
  onProgress,
  onNotice,
  signal = new AbortController().signal,
}: StatusBackfillOptions): Promise<StatusBackfillResult> => {
  const startedAt = clock.now()
  const files = await findFiles(paths)
  const bytes = await sizeOfFiles(files)
  const published = await readWindow(kafka, systemId, 0, signal)
  const polled = published.momentsOf(STATUS_FEED)
  const newestBefore = latestOf(polled)
  const poller = pollRecording(systemId, published.stations)
  const result: StatusBackfillResult = {
    polls: 0,
    observations: 0,
    resumed: 0,
    rejected: 0,
    leftOut: 0,
    firstAt: null,
    lastAt: null,
    needsReplay: false,
    seconds: 0,
  }
  let bytesRead = 0
  const documents = readInTimeOrder(files, {
    onRead: (count) => {
      bytesRead += count
    },
    onTooLate: () => {
      result.leftOut += 1
    },
    ...(onNotice ? { onNotice } : {}),
  })
  const producer = await kafka.openProducer()
  try {
    const batch = batchPublish(publishHistory(producer, clock, signal), batchRecords)
    for await (const document of documents) {
      signal.throwIfAborted()
      const { kind, recordedAt } = document
      if (kind !== 'status') {
        poller.learn(document)
        continue
      }
      if (recordedAt < from) continue
      if (recordedAt > to) break
      if (polled.has(recordedAt)) {
        poller.passOver(document)
        result.resumed += 1
      } else {
        const poll = poller.poll(document)
        if (poll === null) {
          result.leftOut += 1
          continue
        }
        await batch.publish(poll.records, poll.polls)
        result.polls += 1
        result.observations += stationsIn(document).length - poll.rejected
        result.rejected += poll.rejected
        result.firstAt ??= recordedAt
        result.lastAt = recordedAt
      }
      if ((result.polls + result.resumed) % PROGRESS_EVERY_POLLS === 0)
        onProgress?.({ share: bytesRead / bytes, at: recordedAt, observations: result.observations })
    }
    await batch.flush()
  } finally {
    await producer.close()
  }
  result.needsReplay = result.firstAt !== null && newestBefore > result.firstAt
  result.seconds = (clock.now() - startedAt) / 1000
  return result
}

const latestOf = (moments: Iterable<number>): number => {
  let latest = Number.NEGATIVE_INFINITY
  for (const moment of moments) if (moment > latest) latest = moment
  return latest
}
