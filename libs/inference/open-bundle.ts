/**
 * A model is served only after it has shown that it is what was promoted, that this build computes the features that it
 * was trained on, and that its graph gives here the numbers that it gave to the trainer.
 */
import { createHash } from 'node:crypto'
import { fingerprintOf, modelFeatureNames } from '@velocast/features'
import { messageOf } from '@velocast/runtime'
import {
  type BundleManifest,
  goldenPath,
  graphPath,
  manifestPath,
  parseGoldenRows,
  parseManifest,
} from './bundle-format.ts'
import { findGoldenDifference } from './find-golden-difference.ts'
import { type ModelColumns, modelColumnsOf } from './model-columns.ts'
import { openScorer as openHere } from './open-scorer.ts'
import type { Scorer } from './scorer.ts'

export interface OpenBundleOptions {
  /** A file of the bundle, by its path in the bundle. Rejects when it cannot be had. */
  read: (path: string) => Promise<Buffer>
  /** What was promoted. */
  manifestSha256: string
  /** This build's fingerprint of a list of features; throws for a name that it does not know. */
  expectedFingerprint?: (names: readonly string[]) => string
  /** Where the graph runs: on the calling thread, unless `openScoringThread` is given. */
  openScorer?: (graph: Buffer) => Promise<Scorer>
  /** Milliseconds, for the timings. */
  now?: () => number
}

/** A model that is ready to be asked. */
export interface Bundle {
  readonly manifest: BundleManifest
  readonly manifestSha256: string
  readonly columns: ModelColumns
  readonly scorer: Scorer
  release: () => Promise<void>
}

export type RefusalReason =
  | 'UNREACHABLE'
  | 'CHECKSUM'
  | 'UNREADABLE'
  | 'FINGERPRINT'
  | 'GOLDEN_ROWS'
  | 'WARM_UP'

export type OpenedBundle =
  | { ok: true; bundle: Bundle; timings: { readMs: number; checkMs: number; warmUpMs: number } }
  | { ok: false; reason: RefusalReason; detail: string }

/** Checks, loads and warms up a bundle. A bundle that must not be served is a value, never an exception. */
export const openBundle = async ({
  read,
  manifestSha256,
  expectedFingerprint = fingerprintOf,
  openScorer = openHere,
  now = () => performance.now(),
}: OpenBundleOptions): Promise<OpenedBundle> => {
  const refuse = (reason: RefusalReason, detail: string): OpenedBundle => ({ ok: false, reason, detail })
  const startedAt = now()

  const files = new Map<string, Buffer>()
  let manifest: BundleManifest
  try {
    const content = await read(manifestPath)
    const found = sha256Of(content)
    if (found !== manifestSha256)
      return refuse('CHECKSUM', `${manifestPath} has SHA-256 ${found}, the promotion says ${manifestSha256}`)
    try {
      manifest = parseManifest(content)
    } catch (error) {
      return refuse('UNREADABLE', messageOf(error))
    }
    for (const file of manifest.files) files.set(file.path, await read(file.path))
  } catch (error) {
    return refuse('UNREACHABLE', messageOf(error))
  }
  const readAt = now()

  for (const { path, sha256, bytes } of manifest.files) {
    const content = files.get(path) as Buffer
    const found = sha256Of(content)
    if (found !== sha256)
      return refuse(
        'CHECKSUM',
        `${path} (${content.length} bytes) has SHA-256 ${found}, the manifest says ${sha256} (${bytes} bytes)`,
      )
  }
  const graph = files.get(graphPath)
  const golden = files.get(goldenPath)
  if (!graph || !golden)
    return refuse('UNREADABLE', `the manifest does not list ${graph ? goldenPath : graphPath}`)

  const mismatch = findFeatureMismatch(manifest, expectedFingerprint)
  if (mismatch) return refuse('FINGERPRINT', mismatch)

  let scorer: Scorer
  try {
    scorer = await openScorer(graph)
  } catch (error) {
    return refuse('UNREADABLE', `${graphPath} cannot be loaded: ${messageOf(error)}`)
  }
  const refuseAndRelease = async (reason: RefusalReason, detail: string): Promise<OpenedBundle> => {
    await scorer.release()
    return refuse(reason, detail)
  }
  try {
    const gap = findInterfaceMismatch(manifest, scorer)
    if (gap) return await refuseAndRelease('UNREADABLE', gap)
    const difference = await findGoldenDifference(
      scorer,
      parseGoldenRows(golden, manifest),
      manifest.calibration,
    )
    if (difference) return await refuseAndRelease('GOLDEN_ROWS', difference)
  } catch (error) {
    return await refuseAndRelease('UNREADABLE', messageOf(error))
  }
  const checkedAt = now()

  try {
    await warmUp(scorer)
  } catch (error) {
    return await refuseAndRelease('WARM_UP', messageOf(error))
  }
  return {
    ok: true,
    bundle: {
      manifest,
      manifestSha256,
      columns: modelColumnsOf(manifest.features),
      scorer,
      release: scorer.release,
    },
    timings: { readMs: readAt - startedAt, checkMs: checkedAt - readAt, warmUpMs: now() - checkedAt },
  }
}

const findFeatureMismatch = (
  manifest: BundleManifest,
  expectedFingerprint: (names: readonly string[]) => string,
): string | null => {
  const known = new Set<string>(modelFeatureNames)
  const unknown = manifest.features.filter((name) => !known.has(name))
  if (unknown.length > 0) return `this build does not compute ${unknown.join(', ')}`
  if (!manifest.features.includes(manifest.horizonFeature))
    return `the horizon "${manifest.horizonFeature}" is not among the model's features`
  const expected = expectedFingerprint(manifest.features)
  return expected === manifest.fingerprint
    ? null
    : `the model was trained on features ${manifest.fingerprint}, this build computes ${expected}: a formula has changed, train again`
}

const findInterfaceMismatch = (manifest: BundleManifest, scorer: Scorer): string | null => {
  if (scorer.featureCount !== manifest.features.length)
    return `${graphPath} takes ${scorer.featureCount} features, the manifest lists ${manifest.features.length}`
  const missing = manifest.outputs.filter(({ name }) => !scorer.outputNames.includes(name))
  return missing.length > 0
    ? `${graphPath} has no output ${missing.map(({ name }) => name).join(', ')}`
    : null
}

/** The first runs allocate and are several times slower; no request should be the one that pays for it. */
const warmUp = async (scorer: Scorer): Promise<void> => {
  for (const rows of [1, 24, 24, 48, 168])
    await scorer.score(new Float32Array(rows * scorer.featureCount), rows)
}

const sha256Of = (content: Buffer): string => createHash('sha256').update(content).digest('hex')
