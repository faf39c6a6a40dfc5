/**
 * A model is served only after it has shown that it is what was promoted, that this build computes the features that it
 * was trained on, and that its graph gives here the numbers that it gave to the trainer.
 */
import { createHash } from 'node:crypto'
import { fingerprintOf, modelFeatureNames } from '@velocast/features'
import { messageOf } from '@velocast/runtime'
import {
  type BundleManifest,
  type GoldenRows,
  goldenPath,
  graphPath,
  manifestPath,
  parseGoldenRows,
  parseManifest,
} from './bundle-format.ts'
import { findGoldenDifference } from './find-golden-difference.ts'
import { type ModelColumns, modelColumnsOf } from './model-columns.ts'
import { openScorer as openHere } from './open-scorer.ts'
import { ChecksumError, type Scorer, UnreachableGraphError } from './scorer.ts'

export interface OpenBundleOptions {
  /** A file of the bundle, by its path in the bundle. Rejects when it cannot be had. */
  read: (path: string) => Promise<Buffer>
  /** What was promoted. */
  manifestSha256: string
  /** This build's fingerprint of a list of features; throws for a name that it does not know. */
  expectedFingerprint?: (names: readonly string[]) => string
  /**
   * Has the graph, by its path in the bundle, where it can be opened, and gives what opens it once everything else has been checked.
   * Rejects when it cannot be had. By default it is read as other files are, and run on the calling thread.
   */
  fetchGraph?: (path: string) => Promise<OpenGraph>
  /** Told of each step as it begins. */
  onStep?: (step: OpeningStep) => void
  /** Milliseconds, for the timings. */
  now?: () => number
}

/**
 * Rejects with a `ChecksumError` where the graph's SHA-256 is another, with an `UnreachableGraphError` where it cannot be had after
 * all, and with any other error where it cannot be loaded.
 */
export type OpenGraph = (sha256: string) => Promise<Scorer>

export type OpeningStep = 'fetching' | 'checking' | 'warming_up'

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
  fetchGraph = readGraph(read),
  onStep = () => {},
  now = () => performance.now(),
}: OpenBundleOptions): Promise<OpenedBundle> => {
  const refuse = (reason: RefusalReason, detail: string): OpenedBundle => ({ ok: false, reason, detail })
  const startedAt = now()

  onStep('fetching')
  const files = new Map<string, Buffer>()
  let openGraph: OpenGraph | null = null
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
    for (const { path } of manifest.files) {
      if (path === graphPath) openGraph = await fetchGraph(path)
      else files.set(path, await read(path))
    }
  } catch (error) {
    return refuse('UNREACHABLE', messageOf(error))
  }
  const readAt = now()

  onStep('checking')
  const refuseOther = (
    { path, sha256, bytes }: BundleManifest['files'][number],
    is: { found: string; bytes: number },
  ) =>
    refuse(
      'CHECKSUM',
      `${path} (${is.bytes} bytes) has SHA-256 ${is.found}, the manifest says ${sha256} (${bytes} bytes)`,
    )
  // The graph is by far the largest: where it is read, it is checked too.
  for (const file of manifest.files) {
    if (file.path === graphPath) continue
    const content = files.get(file.path)!
    const found = sha256Of(content)
    if (found !== file.sha256) return refuseOther(file, { found, bytes: content.length })
  }
  const graphFile = manifest.files.find(({ path }) => path === graphPath)
  const golden = files.get(goldenPath)
  if (!graphFile || !openGraph || !golden)
    return refuse('UNREADABLE', `the manifest does not list ${graphFile ? goldenPath : graphPath}`)

  const mismatch = findFeatureMismatch(manifest, expectedFingerprint)
  if (mismatch) return refuse('FINGERPRINT', mismatch)

  let scorer: Scorer
  try {
    scorer = await openGraph(graphFile.sha256)
  } catch (error) {
    if (error instanceof ChecksumError) return refuseOther(graphFile, error)
    if (error instanceof UnreachableGraphError) return refuse('UNREACHABLE', messageOf(error))
    return refuse('UNREADABLE', `${graphPath} cannot be loaded: ${messageOf(error)}`)
  }
  const refuseAndRelease = async (reason: RefusalReason, detail: string): Promise<OpenedBundle> => {
    await scorer.release()
    return refuse(reason, detail)
  }
  let goldenRows: GoldenRows
  try {
    const gap = findInterfaceMismatch(manifest, scorer)
    if (gap) return await refuseAndRelease('UNREADABLE', gap)
    goldenRows = parseGoldenRows(golden, manifest)
    const difference = await findGoldenDifference(scorer, goldenRows, manifest.calibration)
    if (difference) return await refuseAndRelease('GOLDEN_ROWS', difference)
  } catch (error) {
    return await refuseAndRelease('UNREADABLE', messageOf(error))
  }
  const checkedAt = now()

  onStep('warming_up')
  try {
    await warmUp(scorer, goldenRows, manifest)
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

/** A day of each golden row, as often: by then what runs a graph has been compiled by the machine, and compiled again. */
const WARM_UP_DAYS = 32
const HOURS_A_DAY = 24

/**
 * The first runs are many times slower, and after a swap every answer has to be worked out anew; no request should be the
 * one that pays for it. The golden rows are warmed up with, at the hours of a day as requests ask for them: rows of zeros
 * would pass few of the ways through the trees. Then two days and a week, whose rows are in other bands.
 */
const warmUp = async (scorer: Scorer, { rows }: GoldenRows, manifest: BundleManifest): Promise<void> => {
  const horizon = manifest.features.indexOf(manifest.horizonFeature)
  const scoreHours = async (index: number, hours: number): Promise<void> => {
    const row = Float32Array.from(rows[index % rows.length]!, (value) => value ?? Number.NaN)
    const batch = new Float32Array(hours * row.length)
    for (let hour = 0; hour < hours; hour++) {
      batch.set(row, hour * row.length)
      batch[hour * row.length + horizon] = hour + 1
    }
    await scorer.score(batch, hours)
  }
  await scoreHours(0, 1)
  for (let day = 0; day < WARM_UP_DAYS; day++) await scoreHours(day, HOURS_A_DAY)
  for (const hours of [2 * HOURS_A_DAY, 7 * HOURS_A_DAY]) await scoreHours(0, hours)
}

const readGraph =
  (read: OpenBundleOptions['read']) =>
  async (path: string): Promise<OpenGraph> => {
    const graph = await read(path)
    return async (sha256) => {
      const found = sha256Of(graph)
      if (found !== sha256) throw new ChecksumError(found, graph.length)
      return openHere(graph)
    }
  }

const sha256Of = (content: Buffer): string => createHash('sha256').update(content).digest('hex')
