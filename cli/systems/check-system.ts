import { checkFeed, type FeedCheck, keyed, keyOfSystem, openHttpClient } from '@velocast/producers'
import { type SystemConfig, systemClock } from '@velocast/runtime'
import type { Static } from 'typebox'
import { type Entrance, findEntrance } from './find-entrance.ts'
import { requestFiles } from './request-files.ts'

export interface CheckOptions {
  /** The one wanted, where the feed has several. */
  language?: string | undefined
  /** As it will stand in the systems file. */
  gbfsKey?: Static<typeof SystemConfig>['gbfsKey'] | undefined
  env: Record<string, string | undefined>
}

export interface CheckedSystem {
  check: FeedCheck
  entrance: Entrance
}

const BUDGET_MS = 30_000
/** A person is waiting: an outage of seconds is told, not sat out. */
const ATTEMPTS = 2

/**
 * Reads an operator's feed as the producers would, from its address or from saved documents. Throws a CommandError or a
 * ConfigError where what was given is wrong; what the feed does wrong is in the check.
 */
export const checkSystem = async (
  given: string,
  { language, gbfsKey, env }: CheckOptions,
): Promise<CheckedSystem> => {
  const entrance = await findEntrance(given)
  const { address } = entrance
  const key = keyOfSystem({ systemId: given, gbfs: address, ...(gbfsKey ? { gbfsKey } : {}) }, env)
  const { signal } = new AbortController()
  const client = openHttpClient({ clock: systemClock, signal, budgetMs: BUDGET_MS, attempts: ATTEMPTS })
  const request = keyed(client.request, key)
  try {
    const check = await checkFeed({
      address,
      request: address.startsWith('file:') ? requestFiles(address, request) : request,
      now: systemClock.now(),
      language,
    })
    return { check, entrance }
  } finally {
    await client.close()
  }
}
