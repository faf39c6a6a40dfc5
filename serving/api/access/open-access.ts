import type { Server } from 'node:tls'
import type { KafkaClient } from '@velocast/kafka'
import type { Clock } from '@velocast/runtime'
import type { Telemetry } from '../telemetry.ts'
import { type AccessConfig, type AccessSettings, readAccessSettings } from './access-config.ts'
import { createGuard } from './create-guard.ts'
import { type FollowedKeys, followKeys } from './follow-keys.ts'
import type { Guard } from './guard-routes.ts'
import type { LimitsConfig } from './server-limits.ts'
import {
  createTlsReload,
  firstTlsPair,
  TLS_LOOKED_AT_EVERY_MS,
  type TlsPair,
  tlsPathsOf,
} from './tls-files.ts'

/** What a server is built with. */
export interface ServerAccess {
  settings: AccessSettings
  /** Null where access is open. */
  guard: Guard | null
  limits?: LimitsConfig
  /** Null: plain HTTP. */
  tls?: TlsPair | null
}

export interface OpenedAccess {
  readonly server: Required<ServerAccess>
  readonly keys: FollowedKeys
  /** Takes a certificate that is renewed; the caller ends it. */
  readonly watchCertificate: (server: unknown) => () => void
}

export interface OpenAccessOptions {
  config: AccessConfig & LimitsConfig & { API_TLS_CERT: string; API_TLS_KEY: string; CACHE_FOLDER: string }
  kafka: Pick<KafkaClient, 'follow'>
  clock: Clock
  /** Milliseconds of a clock that never goes back. */
  monotonicNow: () => number
  telemetry: Telemetry
}

/** Reads the settings, the keys on the disk and the certificate. Throws a ConfigError that says what is wrong. */
export const openAccess = async (options: OpenAccessOptions): Promise<OpenedAccess> => {
  const { config, kafka, clock, monotonicNow, telemetry } = options
  const settings = readAccessSettings(config)
  const paths = tlsPathsOf(config)
  const tls = paths && (await firstTlsPair(paths))
  if (tls) telemetry.certificateTaken(tls.expiresAt)
  const keys = await followKeys({
    kafka,
    cacheFolder: config.CACHE_FOLDER,
    onDiskFailed: telemetry.diskFailed,
  })
  const guard = settings.isGuarded
    ? createGuard({
        settings,
        keys,
        clock,
        monotonicNow,
        onRefused: telemetry.refused,
        onIssuerTrouble: telemetry.issuerTrouble,
      })
    : null
  return {
    server: { settings, guard, limits: config, tls },
    keys,
    watchCertificate: (server) => {
      if (!paths || !tls) return () => {}
      const reload = createTlsReload({
        server: server as Server,
        paths,
        pair: tls,
        onReloaded: ({ expiresAt }) => telemetry.certificateTaken(expiresAt),
        onFailed: telemetry.certificateFailed,
      })
      const timer = setInterval(() => void reload(), TLS_LOOKED_AT_EVERY_MS)
      return () => clearInterval(timer)
    },
  }
}
