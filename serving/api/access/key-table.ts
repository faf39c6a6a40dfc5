import type { ApiKey } from '@velocast/schemas'

/** All keys that are known, in memory. */
export interface KeyTable {
  readonly get: (keyId: string) => ApiKey | null
  readonly all: () => readonly ApiKey[]
  /** Of two records of a key the later one holds, whichever comes first. */
  readonly put: (key: ApiKey) => void
}

export const createKeyTable = (): KeyTable => {
  const keys = new Map<string, ApiKey>()
  return {
    get: (keyId) => keys.get(keyId) ?? null,
    all: () => [...keys.values()],
    put: (key) => {
      const known = keys.get(key.keyId)
      if (!known || known.changedAt <= key.changedAt) keys.set(key.keyId, key)
    },
  }
}
