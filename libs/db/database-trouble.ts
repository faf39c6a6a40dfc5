import { UnavailableError } from '@velocast/runtime'

/** The server's own words for "not now": connections (08), resources such as connections or disk (53), shut-down (57P0x). */
const UNAVAILABLE_STATE = /^(08...|53...|57P0[1-5])$/

/** Trouble below the protocol, as Node names it. */
const UNREACHABLE_CODES: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
])

/** What the driver itself says, without any code, when a connection is lost or a server does not answer. */
const DRIVER_WORDS =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed)/

/**
 * The error to throw for what the driver threw: an UnavailableError when the server is away or has no room, which
 * is worth a retry; otherwise the error as it is, for it says something about the statement or its data.
 */
export const mapDatabaseError = (error: unknown): unknown => {
  if (!(error instanceof Error) || error instanceof UnavailableError) return error
  // A host with several addresses fails with one error that holds an error an address.
  const causes = error instanceof AggregateError ? error.errors : [error]
  return causes.some(isUnavailable) ? new UnavailableError('database', causes[0] ?? error) : error
}

const isUnavailable = (error: Error): boolean => {
  const state = sqlStateOf(error)
  return state === null
    ? DRIVER_WORDS.test(error.message)
    : UNAVAILABLE_STATE.test(state) || UNREACHABLE_CODES.has(state)
}

/** The five characters of SQLSTATE (or Node's name of a socket error), or null when the error has none. */
export const sqlStateOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
