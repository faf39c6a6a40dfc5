import { stat } from 'node:fs/promises'

/** Bytes of all files together; at least one, to be divided by. */
export const sizeOfFiles = async (paths: readonly string[]): Promise<number> => {
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size))
  return sizes.reduce((sum, size) => sum + size, 1)
}
