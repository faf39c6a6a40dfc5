import { setTimeout as wait } from 'node:timers/promises'
import { type ServerName, startServer, stopServer } from '@velocast/local-stack'

const AWAY_MS = 20_000

/** The folder of the servers that the tests run on. */
const stackHome = (): string => {
  const home = process.env.VELOCAST_TEST_STACK_HOME
  if (home) return home
  throw new Error(
    'VELOCAST_TEST_STACK_HOME is not set: `npm test -- e2e` sets it to the home of the servers it starts',
  )
}

/**
 * Takes servers away for 20 s, in the order given, and brings them back. `meanwhile` runs when they are away, and is part
 * of the 20 s. They come back even when it rejects.
 */
export const takeAway = async (
  servers: readonly ServerName[],
  signal: 'SIGTERM' | 'SIGKILL',
  meanwhile: () => Promise<void> = async () => {},
): Promise<void> => {
  const home = stackHome()
  try {
    for (const server of servers) await stopServer({ home, server, signal })
    await Promise.all([wait(AWAY_MS), meanwhile()])
  } finally {
    for (const server of servers) await startServer({ home, server })
  }
}
