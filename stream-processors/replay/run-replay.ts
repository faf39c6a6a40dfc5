/**
 * One replay of one system: to compare with the table, or to write into it. It reads in a group of its own that commits
 * nothing, publishes nothing but its own record in job-runs, and leaves live state alone.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { type Database, requireMigrated, type Session } from '@velocast/db'
import { fingerprintOf, type SystemHistory, vectorFeatureNames } from '@velocast/features'
import { type KafkaClient, retryUntilAvailable } from '@velocast/kafka'
import {
  type Comparison,
  compareVectors,
  findInterrupted,
  keepPace,
  type ReplayProgress,
  type ReplayResult,
  type ReplaySource,
  readCursor,
  removeCursor,
  replaySystem,
  saveCursor,
  writeVectors,
} from '@velocast/replay'
import type { Clock, System } from '@velocast/runtime'
import { type JobRun, topics } from '@velocast/schemas'

export interface ReplayRequest {
  mode: 'compare' | 'write'
  system: System
  /** The window of polledAt, epoch milliseconds; `toMs` is not in it. */
  fromMs: number
  /** Null: now; and for a replay that goes on where it was interrupted, what was now when it began. */
  toMs: number | null
  source: ReplaySource
  /** Rows written a second at most. */
  rowsPerSecond: number
}

export interface ReplayContext {
  kafka: KafkaClient
  /** At least 5 connections; see `replayDatabase`. */
  database: Database
  clock: Clock
  signal: AbortSignal
  onProgress?: (progress: ReplayProgress) => void
  onWait?: (detail: string) => void
  createHistory?: (system: System) => SystemHistory
}

export interface ReplayReport extends ReplayResult {
  runId: string
  mode: ReplayRequest['mode']
  systemId: string
  seconds: number
  /** What a comparison found; null of a replay that wrote. */
  comparison: Comparison | null
  /** What a replay wrote; null of a comparison. */
  written: { vectors: number; changed: number; resumedAfter: number } | null
}

/**
 * Settings of the connections of a replay. A commit need not wait for the disk: the log of the server is in order, so a
 * cursor that outlives a crash says truly that the rows before it do.
 */
export const replayDatabase = {
  applicationName: 'velocast replay',
  max: 6,
  statementTimeoutMs: 0,
  settings: { synchronous_commit: 'off' },
} as const

const fingerprint = fingerprintOf(vectorFeatureNames)

type BoundedRequest = ReplayRequest & { toMs: number }

/** Rejects with the signal's reason when it is aborted: one that writes goes on there when it is asked for again. */
export const runReplay = (asked: ReplayRequest, context: ReplayContext): Promise<ReplayReport> =>
  context.database.withConnection(async (session) => {
    await requireMigrated(session)
    const release = await claim(session, asked)
    const startedAt = context.clock.now()
    const { systemId } = asked.system
    const toMs = asked.toMs ?? (await endOfInterrupted(session, asked)) ?? startedAt
    const request = { ...asked, toMs }
    const name = { systemId, fromMs: asked.fromMs, toMs, source: asked.source, fingerprint }
    const cursor = request.mode === 'write' ? await readCursor(session, name) : null
    const run = {
      runId: cursor?.runId ?? `${systemId}:replay:${new Date(startedAt).toISOString()}`,
      startedAt: cursor?.startedAt ?? startedAt,
    }
    const record = await openRunRecord(context, {
      systemId,
      job: 'replay',
      ...run,
      detail: detailOf(request),
    })
    try {
      const outcome =
        request.mode === 'compare'
          ? await compare(request, context)
          : await write(request, context, { name, run, cursor })
      const seconds = (context.clock.now() - startedAt) / 1000
      await record.end('SUCCEEDED', figuresOf(outcome, seconds))
      return { ...outcome, runId: run.runId, mode: request.mode, systemId, seconds }
    } catch (error) {
      // What went wrong may be the broker: that is the error to tell, not that it cannot be told there.
      await record.end('FAILED', {}, (error as Error).message).catch(() => {})
      throw error
    } finally {
      await record.close()
      await release()
    }
  })

type Outcome = Omit<ReplayReport, 'runId' | 'mode' | 'systemId' | 'seconds'>

const compare = async (request: BoundedRequest, context: ReplayContext): Promise<Outcome> => {
  const { fromMs, toMs, system } = request
  const sink = compareVectors(context.database, { systemId: system.systemId, fromMs, toMs })
  const result = await replaySystem({ ...request, ...context, sink })
  return { ...result, comparison: sink.result(), written: null }
}

interface Writing {
  name: Parameters<typeof readCursor>[1]
  run: { runId: string; startedAt: number }
  cursor: Awaited<ReturnType<typeof readCursor>>
}

const write = async (
  request: BoundedRequest,
  context: ReplayContext,
  { name, run, cursor }: Writing,
): Promise<Outcome> => {
  const { database, signal, onWait } = context
  const before = cursor?.vectors ?? 0
  const patiently = <T>(work: () => Promise<T>): Promise<T> =>
    retryUntilAvailable(work, { signal, onWait: (error) => onWait?.(error.message) })
  const sink = writeVectors(database, {
    pace: keepPace({
      perSecond: request.rowsPerSecond,
      now: () => performance.now(),
      wait: (ms) => wait(ms, undefined, { signal }),
    }),
    signal,
    onWait: (detail) => onWait?.(detail),
    onWritten: (position, vectors) =>
      patiently(() => saveCursor(database, name, { ...run, position, vectors: before + vectors })),
  })
  const result = await replaySystem({ ...request, ...context, sink, after: cursor?.position ?? null })
  await patiently(() => removeCursor(database, name))
  return {
    ...result,
    comparison: null,
    written: { vectors: result.vectors, changed: sink.changed(), resumedAfter: before },
  }
}

const endOfInterrupted = async (
  session: Session,
  { mode, system, fromMs, source }: ReplayRequest,
): Promise<number | null> =>
  mode === 'write'
    ? findInterrupted(session, { systemId: system.systemId, fromMs, source, fingerprint })
    : null

/** Two writers at once would do no harm but to each other's cursors and to the server. Resolves with what ends the claim. */
const claim = async (session: Session, { mode, system }: ReplayRequest): Promise<() => Promise<unknown>> => {
  if (mode !== 'write') return async () => {}
  const lock = `hashtextextended('velocast replay ' || $1, 0)`
  const { rows } = await session.query<{ is_mine: boolean }>(
    `select pg_try_advisory_lock(${lock}) as is_mine`,
    [system.systemId],
  )
  if (!rows[0]!.is_mine)
    throw new Error(`A replay of ${system.systemId} is being written already: wait for it, or stop it.`)
  return () => session.query(`select pg_advisory_unlock(${lock})`, [system.systemId])
}

const detailOf = ({ mode, source, fromMs, toMs }: BoundedRequest): string =>
  `${mode}, source ${source}, ${new Date(fromMs).toISOString()} to ${new Date(toMs).toISOString()}`

const figuresOf = ({ vectors, comparison, written }: Outcome, seconds: number): Record<string, number> => ({
  vectors,
  seconds,
  ...(written ? { changed: written.changed } : {}),
  ...(comparison
    ? {
        equal: comparison.equal,
        different: comparison.different,
        missingInTable: comparison.missingInTable,
        missingInReplay: comparison.missingInReplay,
      }
    : {}),
})

const openRunRecord = async (
  { kafka, clock }: ReplayContext,
  run: Pick<JobRun, 'systemId' | 'job' | 'runId' | 'startedAt' | 'detail'>,
) => {
  const producer = await kafka.openProducer()
  const publish = (rest: Pick<JobRun, 'outcome' | 'endedAt' | 'figures' | 'detail'>): Promise<void> =>
    producer.send([{ topic: topics.jobRuns, value: { ...run, ...rest } }], { giveUpAfterMs: 5_000 })
  await publish({ outcome: 'RUNNING', endedAt: null, figures: {}, detail: run.detail })
  return {
    end: (outcome: 'SUCCEEDED' | 'FAILED', figures: Record<string, number>, why?: string) =>
      publish({
        outcome,
        endedAt: clock.now(),
        figures,
        detail: why === undefined ? run.detail : `${run.detail}: ${why}`,
      }),
    close: () => producer.close(),
  }
}
