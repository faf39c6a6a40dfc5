import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'

/** Bundles that were good once, on disk, by the SHA-256 of their manifest. */
export interface BundleCache {
  /** Where the bundle is, if it is there. */
  readonly folderOf: (manifestSha256: string) => string
  /** Says that the bundle has been opened: those that were used least recently are forgotten first. */
  readonly noteUse: (manifestSha256: string) => Promise<void>
  /** An empty folder for a bundle that is to be fetched, one at a time: what was left in it is removed. */
  readonly makeIncoming: () => Promise<string>
  /** Keeps what has been fetched as the bundle, in place of what was kept as it, and forgets old ones. */
  readonly keepIncoming: (manifestSha256: string) => Promise<void>
  readonly removeIncoming: () => Promise<void>
}

/** The one in use, the one before it for a quick rollback, and a few more. */
const KEPT_BUNDLES = 8

/** `answering` gives the manifest's SHA-256 of the bundle that answers: that one is not forgotten, however many came after it and were refused. */
export const createBundleCache = (
  folder: string,
  answering: () => Promise<string | null> = async () => null,
): BundleCache => {
  const incoming = join(folder, 'incoming')
  const folderOf = (manifestSha256: string): string => {
    if (!/^[0-9a-f]{64}$/.test(manifestSha256)) throw new Error(`"${manifestSha256}" is not a SHA-256`)
    return join(folder, manifestSha256)
  }
  const noteUse = async (manifestSha256: string): Promise<void> => {
    const now = new Date()
    await utimes(folderOf(manifestSha256), now, now)
  }
  /** A model in use loses nothing by it: its thread holds the graph's file open. */
  const remove = (path: string): Promise<void> => rm(path, { recursive: true, force: true })
  const forgetOld = async (): Promise<void> => {
    const inUse = await answering()
    const names = await readdir(folder)
    const used = await Promise.all(
      names.map(async (name) => {
        const usedAt = name === inUse ? Number.POSITIVE_INFINITY : (await stat(join(folder, name))).mtimeMs
        return { name, usedAt }
      }),
    )
    used.sort((a, b) => b.usedAt - a.usedAt)
    for (const { name } of used.slice(KEPT_BUNDLES)) await remove(join(folder, name))
  }
  return {
    folderOf,
    noteUse,
    makeIncoming: async () => {
      await remove(incoming)
      await mkdir(incoming, { recursive: true })
      return incoming
    },
    keepIncoming: async (manifestSha256) => {
      const target = folderOf(manifestSha256)
      await remove(target)
      await rename(incoming, target)
      await noteUse(manifestSha256)
      await forgetOld()
    },
    removeIncoming: () => remove(incoming),
  }
}
