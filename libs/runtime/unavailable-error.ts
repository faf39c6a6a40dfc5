import { messageOf } from './message-of.ts'

/**
 * Something outside this process does not answer: a broker, a registry, a database, a feed. It is retried with back-off,
 * and nothing is committed meanwhile. Any other error is a bug and ends the process.
 */
export class UnavailableError extends Error {
  override name = 'UnavailableError'
  readonly dependency: string

  constructor(dependency: string, cause: unknown) {
    super(`${dependency} does not answer: ${messageOf(cause)}`, { cause })
    this.dependency = dependency
  }
}
