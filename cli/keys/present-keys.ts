import { keyStateAt } from '@velocast/api/access'
import type { ApiKey } from '@velocast/schemas'
import { alignColumns } from '../terminal/align-columns.ts'

/** A key for scripts: all that is known of it but its hash. */
export const describeKey = (key: ApiKey, now: number) => ({
  id: key.keyId,
  name: key.name,
  scopes: key.scopes,
  tier: key.tier,
  state: keyStateAt(key, now),
  createdAt: isoTime(key.createdAt),
  createdBy: key.createdBy,
  expiresAt: key.expiresAt === null ? null : isoTime(key.expiresAt),
  revokedAt: key.revokedAt === null ? null : isoTime(key.revokedAt),
})

/** A line each, the newest first. */
export const presentKeys = (keys: readonly ApiKey[], now: number): string[] => {
  if (keys.length === 0) return ['none: `velocast keys create --name NAME` makes one']
  const rows = keys
    .toSorted((a, b) => b.createdAt - a.createdAt)
    .map((key) => describeKey(key, now))
    .map(({ id, state, tier, expiresAt, scopes, name }) => [
      id,
      state,
      tier,
      expiresAt?.slice(0, 10) ?? 'never',
      scopes.join(' '),
      name,
    ])
  return alignColumns([['id', 'state', 'tier', 'expires', 'scopes', 'name'], ...rows])
}

const isoTime = (time: number): string => new Date(time).toISOString()
