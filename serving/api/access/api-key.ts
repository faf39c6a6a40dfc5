/**
 * A key is `velocast_<id>_<secret>`: an id by which it is found, revoked and logged, and 256 random bits that only its
 * holder knows. SHA-256 of the secret is what is kept: a slow hash protects what people choose and can be guessed, and
 * nobody guesses 256 bits.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { type ApiKey, allSystems } from '@velocast/schemas'

const ID_BYTES = 6
const SECRET_BYTES = 32
const FORM = /^velocast_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/

export interface KeyRequest {
  name: string
  scopes: readonly string[]
  tier: string
  createdBy: string
  /** Epoch milliseconds; null: never. */
  expiresAt: number | null
}

/** A new key as its holder gets it, once, and as it is kept. */
export const makeApiKey = (
  request: KeyRequest,
  { now, randomBytes }: { now: number; randomBytes: (size: number) => Buffer },
): { text: string; key: ApiKey } => {
  const keyId = randomBytes(ID_BYTES).toString('hex')
  const secret = randomBytes(SECRET_BYTES).toString('base64url')
  return {
    text: `velocast_${keyId}_${secret}`,
    key: {
      systemId: allSystems,
      keyId,
      secretSha256: sha256(secret),
      createdAt: now,
      revokedAt: null,
      changedAt: now,
      ...request,
      scopes: [...request.scopes],
    },
  }
}

/** The key, revoked: later than whatever it replaces, whatever this machine's clock says. */
export const revokeApiKey = (key: ApiKey, now: number): ApiKey => {
  const changedAt = Math.max(now, key.changedAt + 1)
  return { ...key, revokedAt: key.revokedAt ?? changedAt, changedAt }
}

/** Id and secret of a text of the form of a key; null for any other. */
export const parseApiKey = (text: string): { keyId: string; secret: string } | null => {
  const [, keyId, secret] = FORM.exec(text) ?? []
  return keyId !== undefined && secret !== undefined ? { keyId, secret } : null
}

/** Takes as long for a wrong secret as for the right one. */
export const isSecretOf = (key: ApiKey, secret: string): boolean =>
  timingSafeEqual(Buffer.from(sha256(secret)), Buffer.from(key.secretSha256.padEnd(64).slice(0, 64)))

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

export type KeyState = 'good' | 'revoked' | 'expired'

export const keyStateAt = ({ revokedAt, expiresAt }: ApiKey, now: number): KeyState => {
  if (revokedAt !== null) return 'revoked'
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'good'
}
