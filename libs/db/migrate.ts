/**
 * Brings a database to the tables of this version: numbered SQL files, each in a transaction of its own, recorded with
 * its checksum. Any number of processes may call it at once: one works, the others wait and then find nothing to do.
 */
import { readFileSync } from 'node:fs'
import { UnavailableError } from '@velocast/runtime'
import { sqlStateOf } from './database-trouble.ts'
import { MigrationError } from './migration-error.ts'
import { type Edition, type MigrationFile, readMigrations } from './migration-files.ts'
import type { Database, Session } from './open-database.ts'

export interface MigrationReport {
  /** Names of the files that ran now, in order. */
  applied: string[]
  edition: Edition
  /** Recorded in the database, unknown to this version: a newer version was here, and its tables stay. */
  unknown: string[]
}

/** "velo" as a number. Advisory locks are per database, so it need be unique only among ours. */
const LOCK = 0x76656c6f
const rolesFile = new URL('./roles.sql', import.meta.url)

/** Throws a MigrationError that says what to do; an UnavailableError when the database is away. */
export const migrate = (
  database: Database,
  { files = readMigrations() }: { files?: readonly MigrationFile[] } = {},
): Promise<MigrationReport> =>
  database.withConnection(async (session) => {
    // Filling new columns of a large table may take its time, and so may another process that is at it.
    await session.query('set statement_timeout = 0')
    await session.query('select pg_advisory_lock($1)', [LOCK])
    try {
      return await applyMissing(session, files)
    } finally {
      await session.query('select pg_advisory_unlock($1)', [LOCK])
      await session.query('reset statement_timeout')
    }
  })

/** Names of the files that `migrate` would apply now. Changes nothing, and needs no more than to read. */
export const pendingMigrations = async (
  session: Session,
  files: readonly MigrationFile[] = readMigrations(),
): Promise<string[]> => {
  const { rows } = await session.query<{ found: boolean }>(
    "select to_regclass('schema_migrations') is not null as found",
  )
  if (!rows[0]?.found) return files.map((file) => file.name)
  const edition = await readEdition(session)
  const recorded = await readRecorded(session)
  return files.filter((file) => isPending(file, edition, recorded)).map((file) => file.name)
}

/** Throws a MigrationError that says what to do when the tables are of an older version than this. */
export const requireMigrated = async (session: Session): Promise<void> => {
  const pending = await pendingMigrations(session)
  if (pending.length > 0)
    throw new MigrationError(
      `The database lacks ${pending.length} migration(s) of this version (${pending.join(', ')}): run \`velocast migrate\` first`,
    )
}

const isPending = (file: MigrationFile, edition: Edition, recorded: ReadonlyMap<string, unknown>): boolean =>
  !recorded.has(file.name) && (file.onlyOn === null || file.onlyOn === edition)

const applyMissing = async (session: Session, files: readonly MigrationFile[]): Promise<MigrationReport> => {
  await createExtension(session)
  const edition = await readEdition(session)
  await session.query(
    `create table if not exists schema_migrations (
       name text primary key,
       sha256 text not null,
       applied_at timestamptz not null default now()
     )`,
  )
  const recorded = await readRecorded(session)
  refuseChanged(files, recorded)
  const applied: string[] = []
  for (const file of files) {
    if (!isPending(file, edition, recorded)) continue
    await applyOne(session, file)
    applied.push(file.name)
  }
  await session.query(readFileSync(rolesFile, 'utf8'))
  const known = new Set(files.map((file) => file.name))
  return { applied, edition, unknown: [...recorded.keys()].filter((name) => !known.has(name)) }
}

const createExtension = async (session: Session): Promise<void> => {
  const { rowCount } = await session.query("select 1 from pg_extension where extname = 'timescaledb'")
  if (rowCount > 0) return
  try {
    await session.query('create extension if not exists timescaledb')
  } catch (error) {
    if (error instanceof UnavailableError) throw error
    throw new MigrationError(
      `TimescaleDB cannot be used in this database (${(error as Error).message}). ${remedyFor(error)}`,
      { cause: error },
    )
  }
}

const remedyFor = (error: unknown): string => {
  switch (sqlStateOf(error)) {
    case '0A000':
    case '58P01':
      return 'Install TimescaleDB on the server (https://docs.timescale.com/self-hosted), or use its container image.'
    case '42501':
      return 'Let the owner of the database run: create extension timescaledb'
    default:
      return "Put timescaledb into the server's shared_preload_libraries and restart it."
  }
}

const readEdition = async (session: Session): Promise<Edition> => {
  const { rows } = await session.query<{ license: string }>(
    "select current_setting('timescaledb.license', true) as license",
  )
  return rows[0]?.license === 'timescale' ? 'timescale' : 'apache'
}

const readRecorded = async (
  session: Session,
): Promise<Map<string, { sha256: string; appliedAt: number }>> => {
  const { rows } = await session.query<{ name: string; sha256: string; applied_at: number }>(
    'select name, sha256, applied_at from schema_migrations order by name',
  )
  return new Map(rows.map((row) => [row.name, { sha256: row.sha256, appliedAt: row.applied_at }]))
}

const refuseChanged = (
  files: readonly MigrationFile[],
  recorded: ReadonlyMap<string, { sha256: string; appliedAt: number }>,
): void => {
  for (const file of files) {
    const record = recorded.get(file.name)
    if (!record || record.sha256 === file.sha256) continue
    const appliedAt = new Date(record.appliedAt).toISOString()
    throw new MigrationError(
      `Migration ${file.name} is not the one that was applied to this database on ${appliedAt} ` +
        `(SHA-256 ${record.sha256.slice(0, 12)}…, the file now has ${file.sha256.slice(0, 12)}…). ` +
        'Restore the file, and put the change into a new migration with the next number.',
    )
  }
}

const applyOne = async (session: Session, file: MigrationFile): Promise<void> => {
  await session.query('begin')
  try {
    await session.query(file.sql)
    await session.query('insert into schema_migrations (name, sha256) values ($1, $2)', [
      file.name,
      file.sha256,
    ])
    await session.query('commit')
  } catch (error) {
    await session.query('rollback').catch(() => undefined)
    if (error instanceof UnavailableError || sqlStateOf(error) === null) throw error
    throw new MigrationError(
      `Migration ${file.name} failed${placeIn(file, error)}: ${(error as Error).message}`,
      {
        cause: error,
      },
    )
  }
}

/** The server counts characters from the statement's beginning; a person wants the line. */
const placeIn = (file: MigrationFile, error: unknown): string => {
  const position = Number((error as { position?: string }).position)
  return position > 0 ? ` at line ${file.sql.slice(0, position - 1).split('\n').length}` : ''
}
