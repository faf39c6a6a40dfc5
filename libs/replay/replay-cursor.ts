import type { Session } from '@velocast/db'
import type { ReplaySource } from './plan-reading.ts'
import type { Position } from './position.ts'

/** A replay that writes: one with the same name goes on where an interrupted one was. */
export interface ReplayName {
  systemId: string
  /** Epoch milliseconds, like `toMs`. */
  fromMs: number
  toMs: number
  source: ReplaySource
  /** Of the list of features. */
  fingerprint: string
}

export interface ReplayCursor {
  runId: string
  /** When the first of the runs began, epoch milliseconds. */
  startedAt: number
  /** The last observation all of whose vectors, and those of all before it, are written. */
  position: Position
  /** Vectors written so far, in all runs together. */
  vectors: number
}

const isNamed = 'system_id = $1 and from_at = $2 and to_at = $3 and source = $4 and fingerprint = $5'
const valuesOf = ({ systemId, fromMs, toMs, source, fingerprint }: ReplayName): unknown[] => [
  systemId,
  new Date(fromMs),
  new Date(toMs),
  source,
  fingerprint,
]

/** Null when there is nothing to go on with. */
export const readCursor = async (session: Session, name: ReplayName): Promise<ReplayCursor | null> => {
  const { rows } = await session.query<{
    run_id: string
    started_at: number
    part: Position['part']
    position: number
    vectors: number
  }>(`select run_id, started_at, part, position, vectors from replays where ${isNamed}`, valuesOf(name))
  const [row] = rows
  if (!row) return null
  return {
    runId: row.run_id,
    startedAt: row.started_at,
    position: { part: row.part, at: row.position },
    vectors: row.vectors,
  }
}

/** Where the window ends of the replay that was interrupted last, of those that are otherwise named so; null: there is none. */
export const findInterrupted = async (
  session: Session,
  { systemId, fromMs, source, fingerprint }: Omit<ReplayName, 'toMs'>,
): Promise<number | null> => {
  const { rows } = await session.query<{ to_at: number }>(
    `select to_at from replays where system_id = $1 and from_at = $2 and source = $3 and fingerprint = $4
     order by updated_at desc limit 1`,
    [systemId, new Date(fromMs), source, fingerprint],
  )
  return rows[0]?.to_at ?? null
}

export const saveCursor = async (
  session: Session,
  name: ReplayName,
  { runId, startedAt, position, vectors }: ReplayCursor,
): Promise<void> => {
  await session.query(
    `insert into replays
       (system_id, from_at, to_at, source, fingerprint, run_id, started_at, part, position, vectors, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, now())
     on conflict (system_id, from_at, to_at, source, fingerprint) do update
     set run_id = excluded.run_id, started_at = excluded.started_at, part = excluded.part, position = excluded.position,
       vectors = excluded.vectors, updated_at = excluded.updated_at`,
    [...valuesOf(name), runId, new Date(startedAt), position.part, position.at, vectors],
  )
}

/** To be called when it is done: the next one with this name begins anew. */
export const removeCursor = async (session: Session, name: ReplayName): Promise<void> => {
  await session.query(`delete from replays where ${isNamed}`, valuesOf(name))
}
