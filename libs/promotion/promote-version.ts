/** A person's promotion: the same event as the training's, naming a version that is registered already, older or newer. */
import { createHash } from 'node:crypto'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fetchArtifact, fetchArtifactTo, openBundleFolder } from '@velocast/inference'
import type { KafkaClient } from '@velocast/kafka'
import { type Clock, UnavailableError } from '@velocast/runtime'
import { type ModelPromoted, topics } from '@velocast/schemas'
import { followChampions } from './follow-champions.ts'
import type { MlflowStages, RegisteredVersion } from './mlflow-stages.ts'
import { flatMetrics, parseModelMetrics } from './model-metrics.ts'

export interface PromoteVersionOptions {
  kafka: KafkaClient
  stages: MlflowStages
  mlflowUrl: string
  clock: Clock
  systemId: string
  modelName: string
  modelVersion: string
  /** In a sentence: who asked for it, and what for. */
  reason: string
  signal: AbortSignal
}

export type VersionPromotion =
  | { outcome: 'promoted'; promotion: ModelPromoted }
  /** Nothing was published: the log names this version already. MLflow has been made to follow. */
  | { outcome: 'serves-already'; promotion: ModelPromoted }
  /** Nothing has changed; the detail says why, and what to do. */
  | { outcome: 'refused'; detail: string }

const MANIFEST = 'manifest.json'
const GIVE_UP_AFTER_MS = 30_000

/**
 * Makes a registered version the one that serves. It is checked first as a predictor will check it, so that what would be
 * refused there is refused here: checksums, features, golden rows. Throws an UnavailableError while MLflow or the broker
 * is away.
 */
export const promoteVersion = async (options: PromoteVersionOptions): Promise<VersionPromotion> => {
  const { kafka, stages, systemId, modelName, modelVersion, signal } = options
  const found = await stages.find(modelName, modelVersion, signal)
  if (!found)
    return refused(`MLflow has no version ${modelVersion} of "${modelName}": see \`velocast models\``)
  if (found.systemId !== null && found.systemId !== systemId)
    return refused(
      `version ${modelVersion} of "${modelName}" was trained for ${found.systemId}, not ${systemId}`,
    )
  const checked = await checkBundle(options, found)
  if ('detail' in checked) return refused(checked.detail)

  const champion = await readChampion(options)
  await stages.promote(modelName, modelVersion, signal)
  if (champion?.modelVersion === modelVersion && champion.manifestSha256 === checked.manifestSha256)
    return { outcome: 'serves-already', promotion: champion }
  const promotion: ModelPromoted = {
    systemId,
    modelName,
    modelVersion,
    runId: found.runId,
    triggerId: null,
    // Later than the promotion it replaces, whatever the clock of this machine says.
    promotedAt: Math.max(options.clock.now(), (champion?.promotedAt ?? 0) + 1),
    artifactUri: found.artifactUri,
    previousVersion: champion?.modelVersion ?? null,
    reason: options.reason,
    ...checked,
  }
  const producer = await kafka.openProducer()
  try {
    const records = [{ topic: topics.modelPromoted, value: promotion }]
    await producer.send(records, { signal, giveUpAfterMs: GIVE_UP_AFTER_MS })
  } finally {
    await producer.close()
  }
  return { outcome: 'promoted', promotion }
}

const refused = (detail: string): VersionPromotion => ({ outcome: 'refused', detail })

/** What the bundle says of itself, once it has shown that it can be served. */
const checkBundle = async (
  { mlflowUrl, modelName, modelVersion, systemId, signal }: PromoteVersionOptions,
  { artifactUri, manifestSha256: vouchedFor }: RegisteredVersion,
): Promise<
  Pick<ModelPromoted, 'manifestSha256' | 'features' | 'fingerprint' | 'metrics'> | { detail: string }
> => {
  const content = await fetchArtifact(artifactUri, MANIFEST, signal, { mlflowUrl })
  const manifestSha256 = createHash('sha256').update(content).digest('hex')
  const named = `version ${modelVersion} of "${modelName}"`
  if (vouchedFor !== null && vouchedFor !== manifestSha256)
    return { detail: `the bundle of ${named} is not the one that was registered: train again` }
  await using folder = await makeCheckFolder()
  // A predictor does this too, at an administrator's word: its answers do not wait for the check.
  const opened = await openBundleFolder(folder.path, {
    manifestSha256,
    fetchFile: (path, target) => fetchArtifactTo(target, artifactUri, path, signal, { mlflowUrl }),
  })
  if (!opened.ok) return { detail: `${named} would not be served: ${opened.detail} (${opened.reason})` }
  const { manifest, release } = opened.bundle
  await release()
  if (manifest.systemId !== systemId)
    return { detail: `${named} was trained for ${manifest.systemId}, not ${systemId}` }
  const { metrics } = JSON.parse(content.toString()) as { metrics: unknown }
  return {
    manifestSha256,
    features: manifest.features,
    fingerprint: manifest.fingerprint,
    metrics: flatMetrics(parseModelMetrics(metrics)),
  }
}

const makeCheckFolder = (): ReturnType<typeof mkdtempDisposable> =>
  mkdtempDisposable(join(tmpdir(), 'velocast-check-')).catch((error) => {
    throw new UnavailableError(`the folder for temporary files (${tmpdir()})`, error)
  })

/** What the log says that serves; null before the first promotion. */
export const readChampion = async ({
  kafka,
  systemId,
  modelName,
  signal,
}: Pick<
  PromoteVersionOptions,
  'kafka' | 'systemId' | 'modelName' | 'signal'
>): Promise<ModelPromoted | null> => {
  const champions = await followChampions(kafka)
  const stopped = Promise.withResolvers<never>()
  const stop = (): void => stopped.reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    signal.throwIfAborted()
    await Promise.race([champions.known, champions.follower.stopped, stopped.promise])
    return champions.of(systemId, modelName)
  } finally {
    signal.removeEventListener('abort', stop)
    await champions.follower.stop()
  }
}
