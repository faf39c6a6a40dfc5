import { ask } from './mlflow-models.ts'

export interface VersionToRegister {
  mlflowUrl: string
  modelName: string
  systemId: string
  /** The files of the bundle, by path; none for tests that only move versions about. */
  files?: ReadonlyMap<string, Buffer>
  manifestSha256?: string
}

const DEFAULT_EXPERIMENT = '0'

/** Registers a version as the trainer does, in no time and without any training; resolves with its number. */
export const registerVersion = async ({
  mlflowUrl,
  modelName,
  systemId,
  files = new Map(),
  manifestSha256,
}: VersionToRegister): Promise<string> => {
  const { run } = (await ask(mlflowUrl, 'POST', 'runs/create', {
    experiment_id: DEFAULT_EXPERIMENT,
    start_time: Date.now(),
  })) as { run: { info: { run_id: string; artifact_uri: string } } }
  const { run_id, artifact_uri } = run.info
  const source = `${artifact_uri}/model`
  const root = source.replace('mlflow-artifacts:/', `${mlflowUrl}/api/2.0/mlflow-artifacts/artifacts/`)
  for (const [path, body] of files) {
    const response = await fetch(`${root}/artifacts/bundle/${path}`, {
      method: 'PUT',
      body: new Uint8Array(body),
    })
    if (!response.ok)
      throw new Error(`MLflow did not take ${path}: ${response.status} ${await response.text()}`)
  }
  // The first version makes the model.
  await ask(mlflowUrl, 'POST', 'registered-models/create', { name: modelName }).catch((error) => {
    if (!String(error).includes('ALREADY_EXISTS')) throw error
  })
  const { model_version } = (await ask(mlflowUrl, 'POST', 'model-versions/create', {
    name: modelName,
    source,
    run_id,
    tags: [
      { key: 'velocast.system', value: systemId },
      ...(manifestSha256 ? [{ key: 'velocast.manifestSha256', value: manifestSha256 }] : []),
    ],
  })) as { model_version: { version: string } }
  await ask(mlflowUrl, 'POST', 'model-versions/transition-stage', {
    name: modelName,
    version: model_version.version,
    stage: 'Staging',
    archive_existing_versions: false,
  })
  return model_version.version
}
