/** The server's own certificate, from two files, taken anew when they change: connections that are open go on with the old one. */
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext, type Server } from 'node:tls'
import { ConfigError } from '@velocast/runtime'
import { Type } from 'typebox'

export const tlsConfig = {
  API_TLS_CERT: Type.String({
    default: '',
    description:
      "file with the certificate and those between it and the authority's (PEM); with it, API_PORT speaks https",
  }),
  API_TLS_KEY: Type.String({ default: '', description: 'file with its private key (PEM)' }),
}

export interface TlsPaths {
  readonly cert: string
  readonly key: string
}

export interface TlsPair {
  readonly cert: Buffer
  readonly key: Buffer
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

/** Null where there is no certificate. Throws a ConfigError when one file is named without the other. */
export const tlsPathsOf = (config: { API_TLS_CERT: string; API_TLS_KEY: string }): TlsPaths | null => {
  const { API_TLS_CERT: cert, API_TLS_KEY: key } = config
  if (!cert && !key) return null
  if (cert && key) return { cert, key }
  throw new ConfigError(['API_TLS_CERT and API_TLS_KEY are needed together'])
}

/** Rejects when a file cannot be read, or the two are no pair. */
export const readTlsPair = async (paths: TlsPaths): Promise<TlsPair> => {
  const [cert, key] = await Promise.all([readFile(paths.cert), readFile(paths.key)])
  createSecureContext({ cert, key })
  return { cert, key, expiresAt: Date.parse(new X509Certificate(cert).validTo) }
}

/** As `readTlsPair`, at the start: what is wrong is a mistake in the configuration. */
export const firstTlsPair = (paths: TlsPaths): Promise<TlsPair> =>
  readTlsPair(paths).catch((error) => {
    throw new ConfigError([`API_TLS_CERT, API_TLS_KEY: ${error.message}`])
  })

export interface TlsReloadOptions {
  server: Pick<Server, 'setSecureContext'>
  paths: TlsPaths
  pair: TlsPair
  onReloaded: (pair: TlsPair) => void
  /** The old pair goes on: one of two files may be written, and the other not yet. */
  onFailed: (error: unknown) => void
}

/** Looks once whether the files have changed, and takes the new pair when it is one. */
export const createTlsReload = (options: TlsReloadOptions): (() => Promise<void>) => {
  let { pair } = options
  let failure = ''
  return async () => {
    try {
      const found = await readTlsPair(options.paths)
      failure = ''
      if (found.cert.equals(pair.cert) && found.key.equals(pair.key)) return
      options.server.setSecureContext({ cert: found.cert, key: found.key, minVersion: OLDEST_TLS })
      pair = found
      options.onReloaded(found)
    } catch (error) {
      const text = String(error)
      if (text !== failure) options.onFailed(error)
      failure = text
    }
  }
}

export const OLDEST_TLS = 'TLSv1.2'
export const TLS_LOOKED_AT_EVERY_MS = 5_000
