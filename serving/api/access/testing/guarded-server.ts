/** A server as a guarded replica has it, over a city that answers, with keys and a clock of the test's own. */
import { createHash } from 'node:crypto'
import { loadConfig } from '@velocast/runtime'
import { apiConfig } from '../../config.ts'
import type { ServerOptions } from '../../server-options.ts'
import { testNow, testTelemetry } from '../../testing/test-city.ts'
import { openTestServer } from '../../testing/test-server.ts'
import type { TypedApp } from '../../typed-app.ts'
import { readAccessSettings } from '../access-config.ts'
import { type KeyRequest, makeApiKey } from '../api-key.ts'
import type { VerifyToken } from '../authenticate.ts'
import { createGuard } from '../create-guard.ts'
import { createKeyTable, type KeyTable } from '../key-table.ts'
import type { LimitsConfig } from '../server-limits.ts'
import type { TlsPair } from '../tls-files.ts'

export const forecastUrl = '/v1/systems/test-city/stations/a/forecast'

export interface GuardedServer {
  app: TypedApp
  keys: KeyTable
  clock: { time: number }
  /** Makes a key that is known here; resolves with its text. */
  addKey: (request?: Partial<KeyRequest>) => string
  close: () => Promise<void>
}

export interface GuardedServerOptions {
  verifyToken?: VerifyToken
  isComplete?: () => boolean
  limits?: LimitsConfig
  tls?: TlsPair
  options?: Partial<ServerOptions>
}

export const openGuardedServer = async (
  env: Record<string, string> = {},
  given: GuardedServerOptions = {},
): Promise<GuardedServer> => {
  const { verifyToken, isComplete = () => true, limits, tls, options } = given
  const clock = { time: testNow }
  const keys = createKeyTable()
  const settings = readAccessSettings(loadConfig(apiConfig, { API_HOST: '0.0.0.0', ...env }))
  const { metrics, telemetry } = testTelemetry()
  const guard = createGuard({
    settings,
    keys: { get: keys.get, isComplete },
    ...(verifyToken && { verifyToken }),
    clock: { now: () => clock.time },
    monotonicNow: () => clock.time,
    onRefused: telemetry.refused,
    onIssuerTrouble: telemetry.issuerTrouble,
  })
  const server = await openTestServer({
    metrics,
    telemetry,
    access: {
      settings,
      guard: settings.isGuarded ? guard : null,
      ...(limits && { limits }),
      ...(tls && { tls }),
    },
    ...options,
  })
  server.fill('a')
  await server.serve(1)
  return {
    app: server.app,
    keys,
    clock,
    addKey: (request = {}) => {
      const { text, key } = makeApiKey(
        {
          name: 'test',
          scopes: ['forecasts:read'],
          tier: 'standard',
          createdBy: 'test',
          expiresAt: null,
          ...request,
        },
        { now: clock.time, randomBytes: bytesFrom(keys.all().length) },
      )
      keys.put(key)
      return text
    },
    close: server.close,
  }
}

/** The same bytes in every run. */
export const bytesFrom =
  (seed: number) =>
  (size: number): Buffer =>
    createHash('sha256').update(`${seed}/${size}`).digest().subarray(0, size)
