import { mkdir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileWhole } from './write-file-whole.ts'

/** Bundles that were good once, on disk, by the SHA-256 of their manifest. */
export interface BundleCache {
  /** Rejects when the file is not there. */
  readonly read: (manifestSha256: string, path: string) => Promise<Buffer>
  /** Keeps the bundle and forgets those that were used least recently. */
  readonly store: (manifestSha256: string, files: ReadonlyMap<string, Buffer>) => Promise<void>
  readonly remove: (manifestSha256: string) => Promise<void>
}

/** The one in use, the one before it for a quick rollback, and a few more. */
const KEPT_BUNDLES = 8

export const createBundleCache = (folder: string): BundleCache => {
  const folderOf = (manifestSha256: string): string => {
    if (!/^[0-9a-f]{64}$/.test(manifestSha256)) throw new Error(`"${manifestSha256}" is not a SHA-256`)
    return join(folder, manifestSha256)
  }
  const forgetOld = async (): Promise<void> => {
    const names = await readdir(folder)
    const used = await Promise.all(
      names.map(async (name) => ({ name, usedAt: (await stat(join(folder, name))).mtimeMs })),
    )
    used.sort((a, b) => b.usedAt - a.usedAt)
    for (const { name } of used.slice(KEPT_BUNDLES))
      await rm(join(folder, name), { recursive: true, force: true })
  }
  return {
    read: (manifestSha256, path) => readFile(join(folderOf(manifestSha256), path)),
    store: async (manifestSha256, files) => {
      const target = folderOf(manifestSha256)
      await mkdir(target, { recursive: true })
      for (const [path, content] of files) await writeFileWhole(join(target, path), content)
      const now = new Date()
      await utimes(target, now, now)
      await forgetOld()
    },
    remove: (manifestSha256) => rm(folderOf(manifestSha256), { recursive: true, force: true }),
  }
}
