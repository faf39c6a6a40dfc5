import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** The files named, and those within the folders named, by name. Throws an error that names what is not there or empty. */
export const findFiles = async (paths: readonly string[]): Promise<string[]> => {
  const found: string[] = []
  for (const path of paths) {
    const stats = await stat(path).catch((error: Error) => {
      throw new Error(`${path} is not there: ${error.message}`, { cause: error })
    })
    if (!stats.isDirectory()) {
      found.push(path)
      continue
    }
    const entries = await readdir(path, { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    const readable = files.filter(isReadable).sort()
    if (readable.length === 0)
      throw new Error(
        `${path} holds no recording: .csv, .json, .jsonl, .tar and .zip are read, compressed or not.`,
      )
    found.push(...readable)
  }
  return [...new Set(found)]
}

const READABLE = /\.(csv|json|jsonl|ndjson|tar|tgz|txz|zip)(\.(gz|xz|zst))?$/i

/** Whether a file in a folder or an archive may hold a recording: notes, pictures and what a Mac hides in a zip do not. */
export const isReadable = (path: string): boolean => {
  const name = basename(path)
  return READABLE.test(name) && !name.startsWith('.') && !path.includes('__MACOSX/')
}
