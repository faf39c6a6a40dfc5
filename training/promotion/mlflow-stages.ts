/** MLflow follows what the log says: the promoted version is in stage Production and has the alias `champion`. */
import { UnavailableError } from '@velocast/runtime'

export interface MlflowStages {
  /** Makes the version Production and champion, and archives the one before. Doing it again changes nothing. */
  promote: (modelName: string, modelVersion: string, signal: AbortSignal) => Promise<void>
}

const WITHIN_MS = 20_000

/** Every method throws an UnavailableError when MLflow is away, and an Error with its words when it refuses. */
export const createMlflowStages = (trackingUri: string, request: typeof fetch): MlflowStages => {
  const post = async (path: string, body: unknown, signal: AbortSignal): Promise<void> => {
    const address = `${trackingUri.replace(/\/+$/, '')}/api/2.0/mlflow/${path}`
    const response = await request(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]),
    }).catch((error) => {
      signal.throwIfAborted()
      throw new UnavailableError('MLflow', error)
    })
    if (response.ok) return
    const text = await response.text()
    if (response.status >= 500 || response.status === 429)
      throw new UnavailableError('MLflow', new Error(`${path} answered ${response.status}: ${text}`))
    throw new Error(`MLflow refused ${path}: ${response.status} ${text}`)
  }
  return {
    async promote(name, version, signal) {
      await post(
        'model-versions/transition-stage',
        { name, version, stage: 'Production', archive_existing_versions: true },
        signal,
      )
      await post('registered-models/alias', { name, alias: 'champion', version }, signal)
    },
  }
}
