/**
 * What a predictor keeps on disk of one system: the promotion whose model answers, the bundles, and a snapshot of what
 * is known. All of it is made again from the topics when it is lost.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelPromoted } from '@velocast/schemas'
import { type BundleCache, createBundleCache } from './bundle-cache.ts'
import { writeFileWhole } from './write-file-whole.ts'

export interface ReplicaDisk {
  readonly bundles: BundleCache
  /** Null when there is none. Rejects when there is one that cannot be read. */
  readonly readPromotion: () => Promise<ModelPromoted | null>
  readonly writePromotion: (promotion: ModelPromoted) => Promise<void>
  readonly readSnapshot: () => Promise<Buffer | null>
  readonly writeSnapshot: (snapshot: Buffer) => Promise<void>
}

export const openReplicaDisk = (cacheFolder: string, systemId: string): ReplicaDisk => {
  const folder = join(cacheFolder, systemId)
  const promotionPath = join(folder, 'promotion.json')
  const snapshotPath = join(folder, 'knowledge.snapshot')
  const readPromotion = async (): Promise<ModelPromoted | null> => {
    const content = await readIfThere(promotionPath)
    return content && (JSON.parse(content.toString('utf8')) as ModelPromoted)
  }
  return {
    bundles: createBundleCache(join(folder, 'bundles'), async () => {
      const promotion = await readPromotion().catch(() => null)
      return promotion?.manifestSha256 ?? null
    }),
    readPromotion,
    writePromotion: (promotion) => writeFileWhole(promotionPath, JSON.stringify(promotion)),
    readSnapshot: () => readIfThere(snapshotPath),
    writeSnapshot: (snapshot) => writeFileWhole(snapshotPath, snapshot),
  }
}

const readIfThere = async (path: string): Promise<Buffer | null> => {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
