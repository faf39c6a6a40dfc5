import { pipeline } from 'node:stream/promises'
import { type Log, UnavailableError } from '@velocast/runtime'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { mapDatabaseError } from './database-trouble.ts'
import { type CopyColumn, type CopyRow, columnNames, encodeRows } from './encode-rows.ts'
import { valueTypes } from './parse-values.ts'
import { quoteName } from './quote-name.ts'

export interface DatabaseOptions {
  /** postgres://user:password@host:port/database */
  url: string
  log: Log
  /** Shown in pg_stat_activity and in the server's log. */
  applicationName: string
  /** Connections at most (default 4). */
  max?: number
  /** A statement that takes longer is cancelled by the server (default 60 s; 0 never). */
  statementTimeoutMs?: number
  /** The server's settings for these connections, such as `synchronous_commit: 'off'`. */
  settings?: Readonly<Record<string, string>>
  /** A connection that takes longer to get counts as an unavailable database (default 5 s). */
  connectTimeoutMs?: number
}

export interface QueryResult<R> {
  rows: R[]
  /** Rows returned or changed. */
  rowCount: number
}

/**
 * Statements on one connection. Values are parameters, a Date for each `timestamptz`; results hold epoch milliseconds
 * for `timestamptz`, numbers for `bigint` (a RangeError beyond 2^53), for `real` the number that was stored, strings for `numeric` and `date`.
 *
 * Every method rejects with an UnavailableError when the database is away or has no room, and otherwise with the
 * driver's error, whose `code` is the SQLSTATE.
 */
export interface Session {
  query: <R extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ) => Promise<QueryResult<R>>
  /** Appends rows by binary COPY and resolves with their number. Rows are taken as the server takes them. */
  copyInto: (table: string, columns: readonly CopyColumn[], rows: Iterable<CopyRow>) => Promise<number>
}

export interface Database extends Session {
  /** Runs `work` between begin and commit; rolls back when it rejects. */
  transaction: <T>(work: (session: Session) => Promise<T>) => Promise<T>
  /** Lends one connection, outside a transaction: for session locks and commands that refuse to run in one. */
  withConnection: <T>(work: (session: Session) => Promise<T>) => Promise<T>
  /** What the database's connections are doing. */
  connections: () => { total: number; idle: number; waiting: number }
  close: () => Promise<void>
}

/** Connects on first use. Idle connections that break are replaced without a word to the caller. */
export const openDatabase = (options: DatabaseOptions): Database => {
  const statementTimeoutMs = options.statementTimeoutMs ?? 60_000
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: options.applicationName,
    max: options.max ?? 4,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5000,
    statement_timeout: statementTimeoutMs,
    // The server cancels first. This is for a server that has gone without closing its sockets.
    ...(statementTimeoutMs > 0 ? { query_timeout: statementTimeoutMs + 10_000 } : {}),
    options: Object.entries({ timezone: 'UTC', ...options.settings })
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
    keepAlive: true,
    types: valueTypes,
  })
  pool.on('error', (error) => options.log.warn({ err: error }, 'an idle database connection broke'))

  const withConnection = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    const client = await pool.connect().catch((error) => Promise.reject(mapDatabaseError(error)))
    let broken: Error | undefined
    const onError = (error: Error): void => {
      broken = error
    }
    // A connection that breaks between two statements says so only by this event, which unheard would end the process.
    client.on('error', onError)
    try {
      return await work(sessionOn(client))
    } catch (error) {
      if (error instanceof UnavailableError) broken ??= error
      throw error
    } finally {
      client.off('error', onError)
      client.release(broken)
    }
  }

  return {
    query: (text, values) => withConnection((session) => session.query(text, values)),
    copyInto: (table, columns, rows) => withConnection((session) => session.copyInto(table, columns, rows)),
    transaction: (work) => withConnection((session) => inTransaction(session, work)),
    withConnection,
    connections: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    close: () => pool.end(),
  }
}

const sessionOn = (client: pg.PoolClient): Session => ({
  async query<R extends object>(text: string, values?: readonly unknown[]) {
    try {
      const result: pg.QueryResult<R> | pg.QueryResult<R>[] = await client.query<R>(text, values as unknown[])
      // A text without parameters may hold several statements: the last one's result counts.
      const last = Array.isArray(result) ? (result as pg.QueryResult<R>[]).at(-1)! : result
      return { rows: last.rows, rowCount: last.rowCount ?? 0 }
    } catch (error) {
      throw mapDatabaseError(error)
    }
  },
  async copyInto(table, columns, rows) {
    const names = columnNames(columns).map(quoteName).join(', ')
    const copy = client.query(copyFrom(`copy ${quoteName(table)} (${names}) from stdin (format binary)`))
    try {
      // A row that cannot be encoded makes the server forget the whole copy; the connection stays good.
      await pipeline(encodeRows(columns, rows), copy)
      return copy.rowCount
    } catch (error) {
      throw mapDatabaseError(error)
    }
  },
})

const inTransaction = async <T>(session: Session, work: (session: Session) => Promise<T>): Promise<T> => {
  await session.query('begin')
  try {
    const result = await work(session)
    await session.query('commit')
    return result
  } catch (error) {
    // Where the connection is gone the server has rolled back already.
    await session.query('rollback').catch(() => undefined)
    throw error
  }
}
