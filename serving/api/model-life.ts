/**
 * From a promotion to a model that answers, or to a refusal while the old model goes on answering.
 *
 * The newest promotion wins: one that arrives during a load ends that load. A promotion is never dropped because its
 * bundle cannot be had: it is tried again until it loads, is refused, or is overtaken.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { OpenedBundle } from '@velocast/inference'
import type { Clock } from '@velocast/runtime'
import type { ModelActivated, ModelPromoted, ModelRejected } from '@velocast/schemas'
import type { ServingModel } from './load-model.ts'
import type { ModelHolder } from './model-holder.ts'

export interface ModelLifeOptions {
  holder: ModelHolder<ServingModel>
  load: (promotion: ModelPromoted, signal: AbortSignal) => Promise<OpenedBundle>
  /** Remembers the promotion whose model now answers, for the next start. Must not reject. */
  remember: (promotion: ModelPromoted) => Promise<void>
  onActivated: (activated: ModelActivated) => void
  onRejected: (rejected: ModelRejected) => void
  onRetry: (promotion: ModelPromoted, detail: string, delayMs: number) => void
  replicaId: string
  clock: Clock
  /** Waits; rejects when aborted. */
  wait?: (ms: number, signal: AbortSignal) => Promise<unknown>
}

export interface ModelLife {
  /** Begins to serve the promoted model; the same promotion again does nothing. */
  readonly promote: (promotion: ModelPromoted) => void
  /** Resolves when nothing is being loaded. */
  readonly settled: () => Promise<void>
  /** Ends a load that is under way; the model in use stays. */
  readonly stop: () => Promise<void>
}

const FIRST_DELAY_MS = 250
const LONGEST_DELAY_MS = 15_000
/** After so many attempts the world is told that the model cannot be had; trying goes on. */
const ATTEMPTS_BEFORE_TELLING = 8

export const createModelLife = (options: ModelLifeOptions): ModelLife => {
  const { holder, load, remember, clock, wait = (ms, signal) => sleep(ms, undefined, { signal }) } = options
  let wanted: ModelPromoted | null = holder.current()?.promotion ?? null
  let loading = new AbortController()
  let settled: Promise<void> = Promise.resolve()

  const reject = (
    promotion: ModelPromoted,
    { reason, detail }: { reason: ModelRejected['reason']; detail: string },
  ): void => options.onRejected({ ...identityOf(promotion), rejectedAt: clock.now(), reason, detail })

  const identityOf = ({ systemId, modelName, modelVersion, promotedAt }: ModelPromoted) => ({
    systemId,
    modelName,
    modelVersion,
    promotedAt,
    replicaId: options.replicaId,
  })

  const loadUntilDecided = async (promotion: ModelPromoted, signal: AbortSignal): Promise<OpenedBundle> => {
    for (let attempt = 1; ; attempt++) {
      const opened = await load(promotion, signal)
      if (opened.ok || opened.reason !== 'UNREACHABLE' || signal.aborted) return opened
      if (attempt === ATTEMPTS_BEFORE_TELLING) reject(promotion, opened)
      const delayMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1))
      options.onRetry(promotion, opened.detail, delayMs)
      await wait(delayMs, signal)
    }
  }

  const activate = async (promotion: ModelPromoted, signal: AbortSignal): Promise<void> => {
    const opened = await loadUntilDecided(promotion, signal)
    if (signal.aborted) {
      if (opened.ok) await opened.bundle.release()
      return
    }
    if (!opened.ok) return reject(promotion, opened)
    const previousVersion = holder.current()?.promotion.modelVersion ?? null
    const swapBegan = performance.now()
    const activatedAt = clock.now()
    const drained = holder.swap({ bundle: opened.bundle, promotion, loadedAt: activatedAt })
    const swapMs = performance.now() - swapBegan
    await drained
    options.onActivated({
      ...identityOf(promotion),
      activatedAt,
      fetchMs: opened.timings.readMs,
      checkMs: opened.timings.checkMs,
      warmUpMs: opened.timings.warmUpMs,
      swapMs,
      drainMs: performance.now() - swapBegan - swapMs,
      previousVersion,
    })
    await remember(promotion)
  }

  return {
    promote: (promotion) => {
      if (wanted && isSamePromotion(wanted, promotion)) return
      wanted = promotion
      loading.abort()
      loading = new AbortController()
      const { signal } = loading
      settled = settled.then(async () => {
        if (signal.aborted) return
        try {
          await activate(promotion, signal)
        } catch (error) {
          if (!signal.aborted)
            reject(promotion, {
              reason: 'OTHER',
              detail: error instanceof Error ? error.message : String(error),
            })
        }
      })
    },
    settled: () => settled,
    stop: () => {
      loading.abort()
      return settled
    },
  }
}

const isSamePromotion = (a: ModelPromoted, b: ModelPromoted): boolean =>
  a.promotedAt === b.promotedAt && a.modelVersion === b.modelVersion && a.manifestSha256 === b.manifestSha256
