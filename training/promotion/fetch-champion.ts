import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fetchArtifact } from '@velocast/inference'
import type { ModelPromoted } from '@velocast/schemas'

const MANIFEST = 'manifest.json'

export type FetchedChampion = { bundleDir: string } | { reason: string }

/**
 * Puts the champion's bundle into a folder, as it was promoted: every file is checked against the SHA-256 that the
 * promotion vouches for. Throws an UnavailableError while the artifact store is away.
 */
export const fetchChampion = async (
  champion: ModelPromoted | null,
  folder: string,
  mlflowUrl: string,
  signal: AbortSignal,
): Promise<FetchedChampion> => {
  if (!champion) return { reason: 'no model has been promoted yet' }
  const read = (path: string): Promise<Buffer> =>
    fetchArtifact(champion.artifactUri, path, signal, { mlflowUrl })
  const manifest = await read(MANIFEST)
  if (sha256(manifest) !== champion.manifestSha256)
    return { reason: `the manifest of version ${champion.modelVersion} is not the one that was promoted` }
  const { files } = JSON.parse(manifest.toString()) as { files: { path: string; sha256: string }[] }
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, MANIFEST), manifest)
  for (const file of files) {
    const bytes = await read(file.path)
    if (sha256(bytes) !== file.sha256)
      return { reason: `${file.path} of version ${champion.modelVersion} is not the one that was promoted` }
    await writeFile(join(folder, file.path), bytes)
  }
  return { bundleDir: folder }
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
