/**
 * MLflow follows what the log says. The promoted version is in stage Production and has the alias `champion`, the one before
 * is Archived; the newest registered version that is not the champion has the alias `challenger`.
 */
import { UnavailableError } from '@velocast/runtime'

export interface MlflowStages {
  /** Makes the version Production and champion, archives the one before, and names the challenger. Doing it again changes nothing. */
  promote: (modelName: string, modelVersion: string, signal: AbortSignal) => Promise<void>
  /** Names the challenger alone: a version was registered, and the champion stays. */
  nameChallenger: (modelName: string, championVersion: string | null, signal: AbortSignal) => Promise<void>
  /** A version as it was registered by the trainer; null when there is none. */
  find: (modelName: string, modelVersion: string, signal: AbortSignal) => Promise<RegisteredVersion | null>
}

export interface RegisteredVersion {
  runId: string | null
  /** What the trainer vouched for: whose model it is, and the SHA-256 of its manifest. Null where it did not. */
  systemId: string | null
  manifestSha256: string | null
  /** The bundle's folder, `mlflow-artifacts:/…`. */
  artifactUri: string
}

const WITHIN_MS = 20_000
const CHAMPION = 'champion'
const CHALLENGER = 'challenger'
/** Where the trainer puts the bundle below a model's artifacts. */
const BUNDLE_FOLDER = 'artifacts/bundle'

/** Every method throws an UnavailableError when MLflow is away, and an Error with its words when it refuses. */
export const createMlflowStages = (trackingUri: string, request: typeof fetch): MlflowStages => {
  const root = `${trackingUri.replace(/\/+$/, '')}/api/2.0/mlflow/`

  /** Null where there is no such thing. */
  const ask = async (path: string, init: RequestInit, signal: AbortSignal): Promise<unknown> => {
    const unavailable = (error: unknown): never => {
      signal.throwIfAborted()
      throw new UnavailableError('MLflow', error)
    }
    const within = AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)])
    const response = await request(root + path, { ...init, signal: within }).catch(unavailable)
    const text = await response.text().catch(unavailable)
    if (response.ok) return JSON.parse(text)
    const [name] = path.split('?')
    if (response.status >= 500 || response.status === 429)
      throw new UnavailableError('MLflow', new Error(`${name} answered ${response.status}: ${text}`))
    if (response.status === 404) return null
    throw new Error(`MLflow refused ${name}: ${response.status} ${text}`)
  }

  const tell = (method: 'POST' | 'DELETE', path: string, body: object, signal: AbortSignal) =>
    ask(path, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }, signal)

  const post = async (path: string, body: object, signal: AbortSignal): Promise<void> => {
    if ((await tell('POST', path, body, signal)) === null)
      throw new Error(`MLflow knows nothing of what ${path} was asked: ${JSON.stringify(body)}`)
  }

  const nameChallenger = async (
    name: string,
    championVersion: string | null,
    signal: AbortSignal,
  ): Promise<void> => {
    // Of the two newest at least one is not the champion.
    const search = new URLSearchParams({
      filter: `name=${quoted(name)}`,
      order_by: 'version_number DESC',
      max_results: '2',
    })
    const found = (await ask(`model-versions/search?${search}`, {}, signal)) as {
      model_versions?: { version: string }[]
    } | null
    const newest = found?.model_versions?.find(({ version }) => version !== championVersion)
    if (newest)
      return post('registered-models/alias', { name, alias: CHALLENGER, version: newest.version }, signal)
    // An alias that is not there is deleted all the same.
    await tell('DELETE', 'registered-models/alias', { name, alias: CHALLENGER }, signal)
  }

  return {
    nameChallenger,

    async promote(name, version, signal) {
      await post(
        'model-versions/transition-stage',
        { name, version, stage: 'Production', archive_existing_versions: true },
        signal,
      )
      await post('registered-models/alias', { name, alias: CHAMPION, version }, signal)
      await nameChallenger(name, version, signal)
    },

    async find(name, version, signal) {
      const which = new URLSearchParams({ name, version })
      const found = (await ask(`model-versions/get?${which}`, {}, signal)) as ModelVersionAnswer | null
      const source = (await ask(`model-versions/get-download-uri?${which}`, {}, signal)) as {
        artifact_uri: string
      } | null
      if (!found || !source) return null
      const { run_id: runId, tags = [] } = found.model_version
      const tag = (key: string): string | null => tags.find((each) => each.key === key)?.value ?? null
      return {
        runId: runId || null,
        systemId: tag('velocast.system'),
        manifestSha256: tag('velocast.manifestSha256'),
        artifactUri: `${source.artifact_uri}/${BUNDLE_FOLDER}`,
      }
    },
  }
}

/** MLflow's filters know no escapes, but both kinds of quotes. */
const quoted = (text: string): string => (text.includes("'") ? `"${text}"` : `'${text}'`)

interface ModelVersionAnswer {
  model_version: { run_id?: string; tags?: { key: string; value: string }[] }
}
