import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Bundle,
  type OpenBundleFolderOptions,
  type OpenedBundle,
  type OpeningStep,
  openBundleFolder,
} from '@velocast/inference'
import { messageOf, UnavailableError } from '@velocast/runtime'
import type { ModelPromoted } from '@velocast/schemas'
import type { BundleCache } from './bundle-cache.ts'

/** A model that answers requests, and the promotion that put it there. */
export interface ServingModel {
  readonly bundle: Bundle
  readonly promotion: ModelPromoted
  /** Epoch milliseconds. */
  readonly loadedAt: number
}

export interface LoadModelOptions {
  promotion: ModelPromoted
  cache: BundleCache
  /**
   * Puts a file of the bundle into `target`, from where it was published. Rejects with an UnavailableError when it cannot be had, with
   * any other where the disk fails.
   */
  fetchFile: (path: string, target: string) => Promise<void>
  /** A disk that cannot be written does not keep a good model from answering. */
  onNotCached: (error: unknown) => void
  onStep?: (step: OpeningStep) => void
  /** Where a bundle is fetched to while the cache cannot be written. */
  spareFolder?: string
}

/** Opens the promoted bundle from the disk, or from where it was published; only a bundle that is good is kept on disk. */
export const loadModel = async (options: LoadModelOptions): Promise<OpenedBundle> => {
  const { promotion, cache, onStep = () => {}, onNotCached } = options
  const { manifestSha256 } = promotion
  const cached = await openBundleFolder(cache.folderOf(manifestSha256), { manifestSha256, onStep })
  if (cached.ok) await cache.noteUse(manifestSha256).catch(onNotCached)
  // What the disk does not hold, or no longer holds as it was, is fetched; other reasons would be the same again.
  if (cached.ok || (cached.reason !== 'UNREACHABLE' && cached.reason !== 'CHECKSUM')) return cached
  const fetching = { manifestSha256, onStep, fetchFile: options.fetchFile }
  try {
    return await fetchIntoCache(cache, fetching, onNotCached)
  } catch (error) {
    onNotCached(error)
  }
  try {
    return await fetchAside(options.spareFolder ?? tmpdir(), fetching)
  } catch (error) {
    return { ok: false, reason: 'UNREACHABLE', detail: `no disk takes the bundle: ${messageOf(error)}` }
  }
}

type Fetching = OpenBundleFolderOptions & Pick<LoadModelOptions, 'fetchFile'>

/** Rejects where the disk fails. */
const fetchIntoCache = async (
  cache: BundleCache,
  fetching: Fetching,
  onNotCached: (error: unknown) => void,
): Promise<OpenedBundle> => {
  const folder = await cache.makeIncoming()
  try {
    const opened = await openFetched(folder, fetching)
    if (opened.ok) await cache.keepIncoming(fetching.manifestSha256).catch(onNotCached)
    return opened
  } finally {
    await cache.removeIncoming().catch(onNotCached)
  }
}

/** For as long as it takes to open the bundle. Rejects where the disk fails. */
const fetchAside = async (spareFolder: string, fetching: Fetching): Promise<OpenedBundle> => {
  await using folder = await mkdtempDisposable(join(spareFolder, 'velocast-model-'))
  return await openFetched(folder.path, fetching)
}

/** To `openBundle` any file that cannot be had is alike; here a disk that fails is an exception. */
const openFetched = async (folder: string, { fetchFile, ...options }: Fetching): Promise<OpenedBundle> => {
  let diskFailure: unknown = null
  const opened = await openBundleFolder(folder, {
    ...options,
    fetchFile: (path, target) =>
      fetchFile(path, target).catch((error) => {
        if (!(error instanceof UnavailableError)) diskFailure = error
        throw error
      }),
  })
  if (diskFailure !== null) throw diskFailure
  return opened
}
