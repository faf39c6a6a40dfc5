import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type OpenBundleOptions, type OpenedBundle, openBundle } from './open-bundle.ts'
import { openScoringThread } from './scoring-thread.ts'

export interface OpenBundleFolderOptions extends Omit<OpenBundleOptions, 'read' | 'fetchGraph'> {
  /** Puts a file of the bundle, by its path there, into `target`; rejects when it cannot be had. Without it all files are there. */
  fetchFile?: (path: string, target: string) => Promise<void>
}

/**
 * `openBundle` of a folder. The model has a thread of its own, which reads the graph: no number of rows holds up an answer that needs
 * none, such as a probe's. The folder may be renamed or removed as soon as the bundle is open.
 */
export const openBundleFolder = (
  folder: string,
  { fetchFile = async () => {}, ...options }: OpenBundleFolderOptions,
): Promise<OpenedBundle> => {
  const fetched = async (path: string): Promise<string> => {
    const file = join(folder, path)
    await fetchFile(path, file)
    return file
  }
  return openBundle({
    ...options,
    read: async (path) => readFile(await fetched(path)),
    fetchGraph: async (path) => {
      const file = await fetched(path)
      return (sha256) => openScoringThread(file, sha256)
    },
  })
}
