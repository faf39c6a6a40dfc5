import { writeFile } from 'node:fs/promises'
import { UnavailableError } from '@velocast/runtime'

export interface ArtifactSource {
  /** MLflow's address: `mlflow-artifacts:` folders are read through it. */
  mlflowUrl: string
  fetch?: typeof fetch
  timeoutMs?: number
  maxBytes?: number
}

const TIMEOUT_MS = 60_000
/** A thousand trees for each of seven outputs are 20 MB; what is ten times that was not meant for a predictor. */
const MAX_BYTES = 256 * 1024 * 1024

/** The plain HTTP address of a file in a bundle's folder. Throws for a folder that cannot be read over HTTP. */
export const artifactAddress = (folder: string, path: string, mlflowUrl: string): string => {
  const { protocol, pathname } = new URL(folder)
  const inFolder = `${pathname.replace(/^\/+|\/+$/g, '')}/${encodeURIComponent(path)}`
  if (protocol === 'mlflow-artifacts:')
    return `${mlflowUrl.replace(/\/+$/, '')}/api/2.0/mlflow-artifacts/artifacts/${inFolder}`
  if (protocol === 'http:' || protocol === 'https:') return new URL(`/${inFolder}`, folder).href
  throw new Error(`${folder} is neither an mlflow-artifacts: folder nor an http(s) address`)
}

/** Fetches a file of a bundle. Whatever keeps it from coming is an UnavailableError: the next attempt may succeed. */
export const fetchArtifact = async (
  folder: string,
  path: string,
  signal: AbortSignal,
  source: ArtifactSource,
): Promise<Buffer> => Buffer.concat(await Array.fromAsync(streamArtifact(folder, path, signal, source)))

/**
 * Fetches a file of a bundle into a file, of which no more than a piece is in memory at any time. What comes of the disk is an error as
 * Node says it, and anything else an UnavailableError.
 */
export const fetchArtifactTo = (
  target: string,
  folder: string,
  path: string,
  signal: AbortSignal,
  source: ArtifactSource,
): Promise<void> => writeFile(target, streamArtifact(folder, path, signal, source), { flush: true })

async function* streamArtifact(
  folder: string,
  path: string,
  signal: AbortSignal,
  source: ArtifactSource,
): AsyncGenerator<Uint8Array> {
  const { mlflowUrl, timeoutMs = TIMEOUT_MS, maxBytes = MAX_BYTES } = source
  try {
    const address = artifactAddress(folder, path, mlflowUrl)
    const response = await (source.fetch ?? fetch)(address, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    if (!response.ok || !response.body) {
      await response.body?.cancel()
      throw new Error(`${address} answered ${response.status}`)
    }
    let bytes = 0
    for await (const chunk of response.body) {
      bytes += chunk.length
      if (bytes > maxBytes) throw new Error(`${address} is larger than ${maxBytes} bytes`)
      yield chunk
    }
  } catch (error) {
    throw new UnavailableError(`the artifact store (${folder})`, error)
  }
}
