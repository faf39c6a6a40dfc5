/** One system's part of a predictor: its memory, its model and its disk, without the broker. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type ArtifactSource, fetchArtifactTo, openBundleFolder } from '@velocast/inference'
import type { Clock, System } from '@velocast/runtime'
import type { ModelActivated, ModelPromoted, ModelRejected } from '@velocast/schemas'
import { createKnowledge } from './knowledge.ts'
import { encodeKnowledge, restoreKnowledge } from './knowledge-snapshot.ts'
import { loadModel, type ServingModel } from './load-model.ts'
import { createModelHolder } from './model-holder.ts'
import { createModelLife, type ModelLife } from './model-life.ts'
import type { SystemPredictor } from './predictor.ts'
import { openReplicaDisk } from './replica-disk.ts'
import { createShadowScoring } from './shadow-scoring.ts'
import type { Telemetry } from './telemetry.ts'

export interface ReplicaOptions {
  system: System
  replicaId: string
  cacheFolder: string
  artifacts: ArtifactSource
  clock: Clock
  telemetry: Telemetry
  /** Tries each model beside the one in use before it takes over; not at all by default. */
  shadow?: { seconds: number; share: number } | undefined
  /** Tells the world; must not reject. */
  publishActivated: (activated: ModelActivated) => void
  publishRejected: (rejected: ModelRejected) => void
}

export interface Replica extends SystemPredictor {
  readonly promote: (promotion: ModelPromoted) => void
  readonly reload: ModelLife['reload']
  /** Resolves when no promotion is being worked on. */
  readonly settled: () => Promise<void>
  /** Writes what is known to the disk, unless nothing has changed since the last time. */
  readonly writeSnapshot: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Opens a replica with what the disk still holds. The disk is a help and never a condition. */
export const openReplica = async (options: ReplicaOptions): Promise<Replica> => {
  const { system, clock, telemetry } = options
  const knowledge = createKnowledge(system)
  const holder = createModelHolder<ServingModel>((model) => model.bundle.release())
  const disk = openReplicaDisk(options.cacheFolder, system.systemId)

  const tryDisk = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      telemetry.diskFailed(`${system.systemId}: ${what}`, error)
    }
  }

  const threadStarts = Promise.withResolvers<void>()
  const modelRestored = tryDisk('restoring the model', async () => {
    const promotion = await disk.readPromotion()
    if (!promotion || promotion.modelName !== system.modelName) return
    const { manifestSha256 } = promotion
    const opened = await openBundleFolder(disk.bundles.folderOf(manifestSha256), {
      manifestSha256,
      onStep: (step) => {
        if (step === 'checking') threadStarts.resolve()
      },
    })
    if (!opened.ok) throw new Error(`version ${promotion.modelVersion}: ${opened.reason}: ${opened.detail}`)
    await holder.swap({ bundle: opened.bundle, promotion, loadedAt: clock.now() })
    telemetry.modelRestored(promotion)
  }).finally(threadStarts.resolve)
  await tryDisk('restoring what was known', async () => {
    const snapshot = await disk.readSnapshot()
    // Restoring takes this thread; the model's own is to be at work meanwhile.
    await threadStarts.promise
    if (!snapshot) return
    restoreKnowledge(snapshot, knowledge)
    telemetry.snapshotRestored(system.systemId, knowledge.vectors.size())
  })
  await modelRestored

  const shadow = options.shadow ? createShadowScoring(options.shadow.share) : null
  const shadowMs = (options.shadow?.seconds ?? 0) * 1000
  const life = createModelLife({
    holder,
    replicaId: options.replicaId,
    clock,
    load: (promotion, signal, onStep) =>
      loadModel({
        promotion,
        cache: disk.bundles,
        onStep,
        fetchFile: (path, target) =>
          fetchArtifactTo(target, promotion.artifactUri, path, signal, options.artifacts),
        onNotCached: (error) => telemetry.diskFailed(`${system.systemId}: keeping the model`, error),
      }),
    ...(shadow && {
      tryBeside: async (bundle, promotion, signal) => {
        const { figures, problem } = await shadow.run(bundle, sleep(shadowMs, undefined, { signal }))
        telemetry.modelShadowed(promotion, figures)
        return problem
      },
    }),
    remember: (promotion) => tryDisk('remembering the promotion', () => disk.writePromotion(promotion)),
    onActivated: (activated) => {
      telemetry.modelActivated(activated)
      options.publishActivated(activated)
    },
    onRejected: (rejected) => {
      telemetry.modelRejected(rejected)
      options.publishRejected(rejected)
    },
    onRetry: telemetry.modelRetried,
  })

  let written = -1
  const writeSnapshot = async (): Promise<void> => {
    const revision = knowledge.revision()
    if (revision === written) return
    await tryDisk('keeping what is known', async () => {
      await disk.writeSnapshot(encodeKnowledge(knowledge))
      written = revision
    })
  }

  return {
    knowledge,
    holder,
    ...(shadow && { shadow }),
    incoming: life.incoming,
    promote: (promotion) => {
      if (promotion.modelName === system.modelName) life.promote(promotion)
    },
    reload: life.reload,
    settled: life.settled,
    writeSnapshot,
    close: async () => {
      await life.stop()
      await writeSnapshot()
      await holder.close()
    },
  }
}
