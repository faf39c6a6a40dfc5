/**
 * From a promotion to a model that answers, or to a refusal while the old model goes on answering.
 *
 * The newest promotion wins: one that arrives during a load ends that load. A promotion is never dropped because its
 * bundle cannot be had: it is tried again until it loads, is refused, or is overtaken.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bundle, OpenedBundle, OpeningStep } from '@velocast/inference'
import { type Clock, messageOf } from '@velocast/runtime'
import type { ModelActivated, ModelPromoted, ModelRejected } from '@velocast/schemas'
import type { ServingModel } from './load-model.ts'
import type { ModelHolder } from './model-holder.ts'

export interface ModelLifeOptions {
  holder: ModelHolder<ServingModel>
  load: (
    promotion: ModelPromoted,
    signal: AbortSignal,
    onStep: (step: OpeningStep) => void,
  ) => Promise<OpenedBundle>
  /**
   * Tries a good model beside the one in use, before it takes over; what is wrong with it, or null. Rejects when aborted. A
   * first model, and one that is loaded again because somebody says so, are not tried.
   */
  tryBeside?: (bundle: Bundle, promotion: ModelPromoted, signal: AbortSignal) => Promise<string | null>
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

/** What came of loading the promoted model again; with reason and detail when the one in use has stayed. */
export type Reload =
  | { ok: true }
  | { ok: false; reason: ModelRejected['reason'] | 'NONE_PROMOTED' | 'OVERTAKEN'; detail: string }

/** A model on its way to answering. */
export interface IncomingModel {
  readonly promotion: ModelPromoted
  readonly step: OpeningStep | 'waiting_to_retry' | 'shadow_scoring' | 'preparing_answers'
}

export interface ModelLife {
  /** Begins to serve the promoted model; the same promotion again does nothing. */
  readonly promote: (promotion: ModelPromoted) => void
  /** Loads the newest promoted model once more, at once, and serves it if it is good. Never rejects. */
  readonly reload: () => Promise<Reload>
  /** The model that is being loaded; null when none is. */
  readonly incoming: () => IncomingModel | null
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
  const tryBeside = options.tryBeside ?? (async () => null)
  let wanted: ModelPromoted | null = holder.current()?.promotion ?? null
  let loading = new AbortController()
  let settled: Promise<void> = Promise.resolve()
  let incoming: IncomingModel | null = null
  const stepsOf =
    (promotion: ModelPromoted) =>
    (step: IncomingModel['step']): void => {
      incoming = { promotion, step }
    }

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
    const onStep = stepsOf(promotion)
    for (let attempt = 1; ; attempt++) {
      const opened = await load(promotion, signal, onStep)
      if (opened.ok || opened.reason !== 'UNREACHABLE' || signal.aborted) return opened
      if (attempt === ATTEMPTS_BEFORE_TELLING) reject(promotion, opened)
      const delayMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1))
      options.onRetry(promotion, opened.detail, delayMs)
      onStep('waiting_to_retry')
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
    if (holder.current()) {
      let problem: string | null
      try {
        stepsOf(promotion)('shadow_scoring')
        problem = await tryBeside(opened.bundle, promotion, signal)
      } catch (error) {
        await opened.bundle.release()
        throw error
      }
      if (problem !== null || signal.aborted) {
        await opened.bundle.release()
        return signal.aborted ? undefined : reject(promotion, { reason: 'WARM_UP', detail: problem! })
      }
    }
    await serve(promotion, opened, signal)
  }

  /** False where it was overtaken at the last moment. */
  const serve = async (
    promotion: ModelPromoted,
    opened: Extract<OpenedBundle, { ok: true }>,
    signal: AbortSignal,
  ): Promise<boolean> => {
    const next = { bundle: opened.bundle, promotion, loadedAt: clock.now() }
    stepsOf(promotion)('preparing_answers')
    const beganPreparing = performance.now()
    const takeOver = await holder.prepare(next, signal)
    if (signal.aborted) {
      await opened.bundle.release()
      return false
    }
    const prepareMs = performance.now() - beganPreparing
    const previousVersion = holder.current()?.promotion.modelVersion ?? null
    const swapBegan = performance.now()
    const activatedAt = clock.now()
    next.loadedAt = activatedAt
    const drained = holder.swap(next)
    takeOver()
    incoming = null
    const swapMs = performance.now() - swapBegan
    await drained
    options.onActivated({
      ...identityOf(promotion),
      activatedAt,
      fetchMs: opened.timings.readMs,
      checkMs: opened.timings.checkMs,
      warmUpMs: opened.timings.warmUpMs + prepareMs,
      swapMs,
      drainMs: performance.now() - swapBegan - swapMs,
      previousVersion,
    })
    await remember(promotion)
    return true
  }

  const begin = (promotion: ModelPromoted): void => {
    wanted = promotion
    loading.abort()
    loading = new AbortController()
    const { signal } = loading
    settled = settled.then(async () => {
      if (signal.aborted) return
      try {
        await activate(promotion, signal)
      } catch (error) {
        if (!signal.aborted) reject(promotion, { reason: 'OTHER', detail: messageOf(error) })
      } finally {
        incoming = null
      }
    })
  }

  const reloadNow = async (promotion: ModelPromoted, signal: AbortSignal): Promise<Reload> => {
    const overtaken = {
      ok: false,
      reason: 'OVERTAKEN',
      detail: 'another model was promoted meanwhile, and is being loaded',
    } as const
    if (signal.aborted) return overtaken
    try {
      const opened = await load(promotion, signal, stepsOf(promotion))
      if (signal.aborted) {
        if (opened.ok) await opened.bundle.release()
        return overtaken
      }
      if (opened.ok) {
        if (!(await serve(promotion, opened, signal))) return overtaken
        return { ok: true }
      }
      const { reason, detail } = opened
      return { ok: false, reason, detail }
    } catch (error) {
      return signal.aborted ? overtaken : { ok: false, reason: 'OTHER', detail: messageOf(error) }
    } finally {
      incoming = null
    }
  }

  return {
    promote: (promotion) => {
      if (!wanted || !isSamePromotion(wanted, promotion)) begin(promotion)
    },
    reload: async () => {
      const promotion = wanted
      if (!promotion) return { ok: false, reason: 'NONE_PROMOTED', detail: 'no model has been promoted yet' }
      loading.abort()
      loading = new AbortController()
      const { signal } = loading
      const reloaded = settled.then(() => reloadNow(promotion, signal))
      settled = reloaded.then(() => {})
      const outcome = await reloaded
      const serving = holder.current()?.promotion
      // A load that was ended for this one goes on trying.
      if (!outcome.ok && !signal.aborted && !(serving && isSamePromotion(serving, promotion)))
        begin(promotion)
      return outcome
    },
    incoming: () => incoming,
    settled: () => settled,
    stop: () => {
      loading.abort()
      return settled
    },
  }
}

const isSamePromotion = (a: ModelPromoted, b: ModelPromoted): boolean =>
  a.promotedAt === b.promotedAt && a.modelVersion === b.modelVersion && a.manifestSha256 === b.manifestSha256
