/** Triggers that have been taken up and ended, who is at it, and what the quality rules said: all SQL but the data set's. */
import type { Database, Session } from '@velocast/db'
import { UnavailableError } from '@velocast/runtime'
import type { RuleRecord } from './decide-veto.ts'

/** COOL_DOWN: the trigger came too soon after a training. */
export type TrainingOutcome = 'PROMOTED' | 'NOT_BETTER' | 'VETOED' | 'COOL_DOWN' | 'FAILED'

export interface TrainingJob {
  systemId: string
  triggerId: string
}

export interface Lease {
  /** Throws an UnavailableError when the lease is no longer ours: what follows would be done by two. */
  confirm: () => Promise<void>
}

/** "train" as a number: the first half of the lease's key, so that it is not mistaken for another's lock. */
const LEASE = 0x74726169

/**
 * Does `work` while holding the system's lease. It is a lock of one database connection: a process that is killed loses
 * it with its connection, at once, and another takes over. Throws an UnavailableError while somebody else has it.
 */
export const withLease = <T>(
  database: Database,
  systemId: string,
  work: (lease: Lease) => Promise<T>,
): Promise<T> =>
  database.withConnection(async (session) => {
    const { rows } = await session.query<{ granted: boolean }>(
      'select pg_try_advisory_lock($1, hashtext($2)) as granted',
      [LEASE, systemId],
    )
    if (!rows[0]?.granted)
      throw new UnavailableError(
        `the training lease of ${systemId}`,
        new Error('another training of the system is under way'),
      )
    try {
      return await work({ confirm: () => confirm(session, systemId) })
    } finally {
      await release(session, systemId)
    }
  })

/** A lock dies with its connection, and the server may have been restarted meanwhile: asked on the connection that took it. */
const confirm = async (session: Session, systemId: string): Promise<void> => {
  const { rows } = await session.query<{ held: boolean }>(
    `select exists (select 1 from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()
       and classid = $1 and objid::bigint = hashtext($2)::bigint & 4294967295 and granted) as held`,
    [LEASE, systemId],
  )
  if (!rows[0]?.held)
    throw new UnavailableError(
      `the training lease of ${systemId}`,
      new Error('it was lost in the middle of the training'),
    )
}

/** A connection that broke has released it already. */
const release = (session: Session, systemId: string): Promise<unknown> =>
  session.query('select pg_advisory_unlock($1, hashtext($2))', [LEASE, systemId]).catch(() => null)

export interface BegunJob {
  endedAs: TrainingOutcome | null
  beganAt: number
  /** It was taken up from another record: this one names the same trigger. */
  isOfAnotherRecord: boolean
}

/** Takes a trigger up, again or for the first time; resolves with how it ended, if it has. */
export const beginJob = async (
  database: Database,
  { systemId, triggerId }: TrainingJob,
  record: { partition: number; offset: number },
  now: number,
): Promise<BegunJob> => {
  const { rows } = await database.query<{
    outcome: TrainingOutcome | null
    began_at: number
    is_of_another: boolean
  }>(
    // What was taken up by an earlier version has no record: there, nothing is known of another.
    `insert into training_jobs (system_id, trigger_id, began_at, record_partition, record_offset)
     values ($1, $2, $3, $4, $5)
     on conflict (system_id, trigger_id) do update set trigger_id = excluded.trigger_id
     returning outcome, began_at,
       coalesce((record_partition, record_offset) <> ($4::integer, $5::bigint), false) as is_of_another`,
    [systemId, triggerId, new Date(now), record.partition, record.offset],
  )
  const { outcome, began_at, is_of_another } = rows[0]!
  return { endedAs: outcome, beganAt: began_at, isOfAnotherRecord: is_of_another }
}

/** When a training of the system last came to a decision; null when none has. */
export const lastDecidedAt = async (database: Database, systemId: string): Promise<number | null> => {
  const { rows } = await database.query<{ decided_at: number | null }>(
    `select max(ended_at) as decided_at from training_jobs
     where system_id = $1 and outcome in ('PROMOTED', 'NOT_BETTER')`,
    [systemId],
  )
  return rows[0]?.decided_at ?? null
}

/** The moment of the job's promotion: the first one that was asked for, however often it is published. */
export const promotedAt = async (
  database: Database,
  { systemId, triggerId }: TrainingJob,
  now: number,
): Promise<number> => {
  const { rows } = await database.query<{ promoted_at: number }>(
    `update training_jobs set promoted_at = coalesce(promoted_at, $3)
     where system_id = $1 and trigger_id = $2 returning promoted_at`,
    [systemId, triggerId, new Date(now)],
  )
  return rows[0]!.promoted_at
}

export const endJob = async (
  database: Database,
  { systemId, triggerId }: TrainingJob,
  end: { outcome: TrainingOutcome; detail: string; now: number },
): Promise<void> => {
  await database.query(
    'update training_jobs set ended_at = $3, outcome = $4, detail = $5 where system_id = $1 and trigger_id = $2',
    [systemId, triggerId, new Date(end.now), end.outcome, end.detail],
  )
}

const DAY_MS = 24 * 60 * 60 * 1000

/** What each rule that may veto said of the system as a whole, from one moment (excluded) to another (included). */
export const countVetoes = async (
  database: Database,
  { systemId, from, until }: { systemId: string; from: number; until: number },
): Promise<RuleRecord[]> => {
  const { rows } = await database.query<{
    rule: string
    judged: number
    failed: number
    judged_last_day: number
    failed_last_day: number
  }>(
    `select rule, count(*)::int as judged, count(*) filter (where vetoes_training)::int as failed,
       count(*) filter (where checked_at > $4)::int as judged_last_day,
       count(*) filter (where checked_at > $4 and vetoes_training)::int as failed_last_day
     from data_quality
     where system_id = $1 and station_id is null and checked_at > $2 and checked_at <= $3
     group by rule having bool_or(vetoes_training) order by rule`,
    [systemId, new Date(from), new Date(until), new Date(until - DAY_MS)],
  )
  return rows.map((row) => ({
    rule: row.rule,
    judged: row.judged,
    failed: row.failed,
    judgedLastDay: row.judged_last_day,
    failedLastDay: row.failed_last_day,
  }))
}
