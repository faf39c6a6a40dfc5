/**
 * History from a feed that answers for past moments, by the very jobs that poll live, at full speed.
 *
 * It can be interrupted at any moment and run again: it asks the log which moments have been polled, and does the others.
 * What was published without its poll is published again, which changes nothing downstream.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { KafkaClient } from '@velocast/kafka'
import type { Clock, System } from '@velocast/runtime'
import { readAhead } from '../http/read-ahead.ts'
import { createRequester, type RequestJson } from '../http/request-json.ts'
import type { Job, RunResult } from '../job.ts'
import { publishThrough } from '../log/publish-through.ts'
import type { Schedule } from '../schedule/schedule.ts'
import { stationPolling } from '../stations/poll-stations.ts'
import { STATUS_FEED, stationCursorFrom } from '../stations/station-cursor.ts'
import { weatherCursorFrom, weatherPolling } from '../weather/poll-weather.ts'
import { providerOfSystem } from '../weather/provider-of-system.ts'
import { AS_OF_HEADER, answerForThePast } from './answer-for-the-past.ts'
import { gridMoments, missingMoments, STATUS_STEP_MS, WEATHER_STEP_MS } from './backfill-grid.ts'
import { batchPublish } from './batch-publish.ts'
import { readWindow } from './read-window.ts'

export interface BackfillOptions {
  system: System
  /** Epoch milliseconds, both included. */
  from: number
  to: number
  kafka: KafkaClient
  fetch: typeof fetch
  clock: Clock
  /** Holds the weather provider's key where the system names one. */
  env?: Record<string, string | undefined>
  /** Records published together; what is collected for the next batch is lost with an interruption, and polled again. */
  batchRecords?: number
  onProgress?: (progress: BackfillProgress) => void
  signal?: AbortSignal
}

export interface BackfillProgress {
  /** Polls done, of all that were to be done in this run. */
  done: number
  of: number
  /** The moment that has been reached. */
  at: number
  /** Records published in this run, without the polls' own. */
  published: number
}

export interface BackfillResult {
  polls: number
  /** Of these, polls that failed, as a feed that was down at that moment does. */
  failed: number
  published: number
  /** Polls that the log held already. */
  resumed: number
  seconds: number
}

/** kafkajs groups the records of a request in time quadratic in their number; a batch costs a round trip. */
const BATCH_RECORDS = 2_500
const REQUESTS_AHEAD = 8
const PROGRESS_EVERY_POLLS = 50
const ATTEMPT_MS = 15_000

/** Rejects with an UnavailableError when the feed's server is away, and with the signal's reason when it is aborted. */
export const backfillPolls = async (options: BackfillOptions): Promise<BackfillResult> => {
  const {
    system,
    from,
    to,
    kafka,
    clock,
    env = {},
    onProgress,
    signal = new AbortController().signal,
  } = options
  const startedAt = clock.now()
  const provider = providerOfSystem(system, env)
  const published = await readWindow(kafka, system.systemId, from, signal)
  const statusMoments = gridMoments(from, to, STATUS_STEP_MS)
  const weatherMoments = gridMoments(from, to, WEATHER_STEP_MS)
  const todo = {
    status: missingMoments(statusMoments, published.momentsOf(STATUS_FEED)),
    weather: missingMoments(weatherMoments, published.momentsOf(provider.feeds.forecast)),
  }
  const of = todo.status.length + todo.weather.length
  const result: BackfillResult = {
    polls: 0,
    failed: 0,
    published: 0,
    resumed: statusMoments.length + weatherMoments.length - of,
    seconds: 0,
  }
  if (of === 0) return result

  const producer = await kafka.openProducer()
  try {
    const batch = batchPublish(publishThrough(producer, signal), options.batchRecords ?? BATCH_RECORDS)
    const request = readAhead(answerForThePast(pastRequester(options, signal)), {
      ahead: REQUESTS_AHEAD,
      until: to,
    })
    const shell = { schedule: NEVER, request, publish: batch.publish }
    const newestBefore = published.newestBefore(Math.min(...todo.status, ...todo.weather))
    const jobs = {
      weather: sequence(
        weatherPolling({ system, provider, ...shell }),
        weatherCursorFrom(newestBefore(provider.feeds.observation), newestBefore(provider.feeds.forecast)),
      ),
      status: sequence(
        stationPolling({ system, ...shell }),
        stationCursorFrom(published.stations, newestBefore(STATUS_FEED)),
      ),
    }
    for (const { at, job } of inTimeOrder(todo)) {
      signal.throwIfAborted()
      const run = await jobs[job](at)
      result.polls += 1
      result.published += run.published
      if (run.reports.some(({ failure }) => failure !== null)) result.failed += 1
      if (result.polls % PROGRESS_EVERY_POLLS === 0 || result.polls === of)
        onProgress?.({ done: result.polls, of, at, published: result.published })
    }
    await batch.flush()
  } finally {
    await producer.close()
  }
  result.seconds = (clock.now() - startedAt) / 1000
  return result
}

/** A back-fill decides itself what is due. */
const NEVER: Schedule = { lastDue: () => null }

/** The job, run at one moment after the other. */
const sequence = <C>(job: Job<C>, cursor: C): ((now: number) => Promise<RunResult<C>>) => {
  let known = cursor
  return async (now) => {
    const result = await job.runOnce({ now, cursor: known })
    known = result.cursor
    return result
  }
}

/** Weather comes before the status of the same moment, as whoever joins them sees it live. */
const inTimeOrder = ({ status, weather }: { status: readonly number[]; weather: readonly number[] }) =>
  [
    ...weather.map((at) => ({ at, job: 'weather' as const })),
    ...status.map((at) => ({ at, job: 'status' as const })),
  ].sort((a, b) => a.at - b.at)

const pastRequester = ({ fetch, clock }: BackfillOptions, signal: AbortSignal): RequestJson =>
  createRequester({
    fetch,
    clock,
    random: Math.random,
    wait: (ms) => wait(ms, undefined, { signal }),
    signal,
    // The server is near: compressing would cost more than it saves.
    headersAt: (at) => ({ [AS_OF_HEADER]: new Date(at).toISOString(), 'accept-encoding': 'identity' }),
    budgetMs: 2 * ATTEMPT_MS,
    timeoutMs: ATTEMPT_MS,
    attempts: 3,
    // A feed that was down at that moment stays down at that moment.
    isRetried: (failure) => failure === 'unreachable',
  })
