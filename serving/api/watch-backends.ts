/**
 * Looks now and then whether what is behind a predictor answers, so that a person can be told without waiting for it.
 * Nothing that a predictor does depends on the outcome.
 */
import { type Clock, messageOf } from '@velocast/runtime'

export const backendNames = ['database', 'mlflow', 'kafka', 'schema_registry'] as const
export type BackendName = (typeof backendNames)[number]

/** Resolves when the server answers. What goes on beyond the signal is left to itself. */
export type BackendCheck = (signal: AbortSignal) => Promise<unknown>

export interface BackendState {
  /** Null before the first check has ended. */
  readonly isConnected: boolean | null
  /** Epoch milliseconds; null before the first check has ended. */
  readonly checkedAt: number | null
  /** Why it does not answer. */
  readonly detail: string | null
}

export interface Backends {
  /** As last seen; null for one that is not configured. Never waits. */
  readonly stateOf: (name: BackendName) => BackendState | null
}

export interface BackendWatch extends Backends {
  /** Resolves, within the time limit, when every backend has been looked at once more. Never rejects. */
  readonly checkAll: () => Promise<void>
}

const UNSEEN: BackendState = { isConnected: null, checkedAt: null, detail: null }

/** For a server with nothing behind it. */
export const noBackends: Backends = { stateOf: () => null }

export const createBackendWatch = (
  checks: Partial<Record<BackendName, BackendCheck>>,
  clock: Clock,
  limitMs: number,
): BackendWatch => {
  const states = new Map<string, BackendState>(Object.keys(checks).map((name) => [name, UNSEEN]))

  const look = async (name: string, check: BackendCheck): Promise<void> => {
    const problem = await within(limitMs, check)
    states.set(name, { isConnected: problem === null, checkedAt: clock.now(), detail: problem })
  }

  return {
    stateOf: (name) => states.get(name) ?? null,
    checkAll: async () => {
      await Promise.all(Object.entries(checks).map(([name, check]) => look(name, check)))
    },
  }
}

/** What is wrong, or null. */
const within = async (limitMs: number, check: BackendCheck): Promise<string | null> => {
  const limit = new AbortController()
  const late = Promise.withResolvers<string>()
  const timer = setTimeout(() => {
    limit.abort()
    late.resolve(`no answer within ${limitMs} ms`)
  }, limitMs)
  try {
    return await Promise.race([check(limit.signal).then(() => null), late.promise])
  } catch (error) {
    return messageOf(error)
  } finally {
    clearTimeout(timer)
  }
}
