import {
  type Bundle,
  type OpenBundleOptions,
  type OpenedBundle,
  type OpeningStep,
  openBundle,
  openScoringThread,
} from '@velocast/inference'
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
  /** A file of the bundle from where it was published; rejects when it cannot be had. */
  fetchFile: (path: string) => Promise<Buffer>
  /** A disk that cannot be written does not keep a good model from answering. */
  onNotCached: (error: unknown) => void
  onStep?: (step: OpeningStep) => void
  open?: typeof openBundle
}

/** Opens the promoted bundle from the disk, or from where it was published; only a bundle that is good is kept on disk. */
export const loadModel = async (options: LoadModelOptions): Promise<OpenedBundle> => {
  const { promotion, cache, fetchFile, onStep = () => {}, open = openInThread } = options
  const { manifestSha256 } = promotion
  const cached = await open({ manifestSha256, onStep, read: (path) => cache.read(manifestSha256, path) })
  // What the disk does not hold, or no longer holds as it was, is fetched; other reasons would be the same again.
  if (cached.ok || (cached.reason !== 'UNREACHABLE' && cached.reason !== 'CHECKSUM')) return cached
  const files = new Map<string, Buffer>()
  const opened = await open({
    manifestSha256,
    onStep,
    read: async (path) => {
      const content = await fetchFile(path)
      files.set(path, content)
      return content
    },
  })
  if (opened.ok) await cache.store(manifestSha256, files).catch(options.onNotCached)
  return opened
}

/** Every model has a thread of its own: no number of rows holds up an answer that needs none, such as a probe's. */
export const openInThread = (options: OpenBundleOptions): Promise<OpenedBundle> =>
  openBundle({ ...options, openScorer: openScoringThread })
