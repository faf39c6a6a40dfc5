/**
 * A consumer that is kept alive: whatever the broker does, it joins again; whatever is a bug in a handler ends it.
 *
 * kafkajs stops a consumer for good on some errors and goes on for ever on others. Here the two are told apart: of its
 * own errors it handles those of one request or one generation, and when it gives up, a new consumer is made; any other
 * error is ours, and fatal. kafkajs may not start a consumer again itself: one that is told to stop in the middle of that
 * stops nothing, and goes on unseen (2.2.4: `Runner.stop` does nothing before the group is joined).
 */
import type { Clock, Log } from '@velocast/runtime'
import { UnavailableError } from '@velocast/runtime'
import type { Consumer, EachBatchPayload, Kafka, PartitionAssigner } from 'kafkajs'
import { isKafkaError } from './is-kafka-error.ts'
import { retryUntilAvailable } from './retry-until-available.ts'

/**
 * A member that is killed is missed after `sessionTimeout`; but when it comes back at once, the coordinator waits only
 * `rebalanceTimeout` for the dead one to join again. A live member must come back within that too, so no batch of work
 * may take longer.
 */
const SESSION_TIMEOUT_MS = 6_000
const REBALANCE_TIMEOUT_MS = 2_000
const HEARTBEAT_INTERVAL_MS = 1_000
/** How long a fetch waits for news; a partition that is resumed is asked for only after it. */
const FETCH_WAIT_MS = 100
const SILENT_AFTER_MS = 15_000
const STALLED_AFTER_MS = 180_000
/** A consumer that has lived for so long was well: the next is made at once, and not after the waits of the last trouble. */
const WELL_AFTER_MS = 30_000

export interface ConsumeOptions {
  kafka: Kafka
  clock: Clock
  log: Log
  groupId: string
  topics: readonly string[]
  fromBeginning: boolean
  assigner?: PartitionAssigner
  /** Called at every (re)join, before the first fetch of the new assignment. Must not wait for anything. */
  onJoin?: (assigned: ReadonlyMap<string, readonly number[]>, consumer: Consumer) => void
  onBatch: (payload: EachBatchPayload, context: BatchContext) => Promise<void>
}

export interface BatchContext {
  consumer: Consumer
  /** False once the group has been joined anew since the batch was fetched: its offsets are no longer ours to move. */
  isCurrent: () => boolean
  /** Says what is being waited for, for readiness; null when it is over. */
  waitFor: (what: string | null) => void
  /** Gives the consumer up, and joins the group with a new one: nothing that is in memory is kept. */
  startAnew: (error: unknown) => void
}

export interface SupervisedConsumer {
  stopped: Promise<void>
  stop: () => Promise<void>
  fail: (error: unknown) => void
  problem: () => string | null
  stalled: () => string | null
  assigned: () => ReadonlyMap<string, readonly number[]>
}

export const consume = (options: ConsumeOptions): SupervisedConsumer => {
  const { kafka, clock, log, groupId } = options
  const stopping = new AbortController()
  const ended = Promise.withResolvers<void>()
  let generation = 0
  let assigned: ReadonlyMap<string, readonly number[]> = new Map()
  let waitingFor: string | null = 'has not joined its group yet'
  let aliveAt = clock.now()
  let endCurrent: (error: unknown) => void = () => {}
  let failure: { error: unknown } | null = null

  const fail = (error: unknown): void => {
    failure ??= { error }
    stopping.abort()
    endCurrent(null)
  }

  const runOne = async (): Promise<void> => {
    const startedAt = clock.now()
    const consumer = kafka.consumer({
      groupId,
      sessionTimeout: SESSION_TIMEOUT_MS,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_INTERVAL_MS,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      maxBytesPerPartition: 2_000_000,
      allowAutoTopicCreation: false,
      retry: {
        retries: 8,
        initialRetryTime: 100,
        maxRetryTime: 2_000,
        restartOnFailure: async () => false,
      },
      ...(options.assigner ? { partitionAssigners: [options.assigner] } : {}),
    })
    const over = Promise.withResolvers<unknown>()
    endCurrent = over.resolve
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      aliveAt = clock.now()
      waitingFor = `Kafka: ${payload.error.message}`
      over.resolve(payload.error)
    })
    consumer.on(consumer.events.FETCH, () => {
      aliveAt = clock.now()
    })
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      generation += 1
      waitingFor = null
      aliveAt = clock.now()
      assigned = new Map(Object.entries(payload.memberAssignment))
      options.onJoin?.(assigned, consumer)
    })
    try {
      await consumer.connect()
      await consumer.subscribe({ topics: [...options.topics], fromBeginning: options.fromBeginning })
      if (stopping.signal.aborted) return
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: async (payload) => {
          const joined = generation
          try {
            await options.onBatch(payload, {
              consumer,
              isCurrent: () => joined === generation && !payload.isStale(),
              waitFor: (what) => {
                waitingFor = what
                aliveAt = clock.now()
              },
              startAnew: over.resolve,
            })
            aliveAt = clock.now()
          } catch (error) {
            if (isKafkaError(error)) throw error
            if (!stopping.signal.aborted) fail(error)
          }
        },
      })
      const error = await over.promise
      if (error) throw error
    } catch (error) {
      if (stopping.signal.aborted) return
      waitingFor = `Kafka: ${(error as Error).message}`
      const unavailable = new UnavailableError('Kafka', error)
      if (clock.now() - startedAt < WELL_AFTER_MS) throw unavailable
      tellMadeAnew(unavailable, 0)
    } finally {
      await consumer
        .disconnect()
        .catch((error) => log.debug({ err: error }, 'consumer could not be disconnected'))
      generation += 1
      assigned = new Map()
    }
  }

  const tellMadeAnew = (error: UnavailableError, attempt: number): void => {
    aliveAt = clock.now()
    log.warn({ groupId, attempt, detail: error.message }, 'consumer is made anew')
  }

  const runAll = async (): Promise<void> => {
    const { signal } = stopping
    try {
      while (!signal.aborted) await retryUntilAvailable(runOne, { signal, onWait: tellMadeAnew })
    } catch (error) {
      if (!stopping.signal.aborted) failure ??= { error }
    }
    if (failure) ended.reject(failure.error)
    else ended.resolve()
  }
  void runAll()

  return {
    stopped: ended.promise,
    async stop() {
      stopping.abort()
      endCurrent(null)
      await ended.promise.catch(() => {})
    },
    fail,
    problem() {
      if (waitingFor) return waitingFor
      const silentMs = clock.now() - aliveAt
      return silentMs > SILENT_AFTER_MS ? `no answer from Kafka for ${Math.round(silentMs / 1000)} s` : null
    },
    stalled() {
      const silentMs = clock.now() - aliveAt
      return silentMs > STALLED_AFTER_MS ? `no progress for ${Math.round(silentMs / 1000)} s` : null
    },
    assigned: () => assigned,
  }
}

/** Does `work` with a heartbeat each second; rethrows the heartbeat's error (a rebalance) once the work is done. */
export const withHeartbeats = async <T>(payload: EachBatchPayload, work: () => Promise<T>): Promise<T> => {
  let heartbeatError: unknown
  const timer = setInterval(() => {
    payload.heartbeat().catch((error) => {
      heartbeatError = error
    })
  }, HEARTBEAT_INTERVAL_MS)
  try {
    const result = await work()
    if (heartbeatError && isRebalance(heartbeatError)) throw heartbeatError
    return result
  } finally {
    clearInterval(timer)
  }
}

export const isRebalance = (error: unknown): boolean =>
  ['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'NOT_COORDINATOR_FOR_GROUP'].includes(
    (error as { type?: string }).type ?? '',
  )
