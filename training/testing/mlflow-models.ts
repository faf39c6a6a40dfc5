/** What the tests see of MLflow, and what they leave of it. */

interface ModelVersion {
  version: string
  current_stage: string
  aliases?: string[]
  run_id: string
  tags: { key: string; value: string }[]
}

const ask = async (mlflowUrl: string, method: string, path: string, body?: unknown): Promise<unknown> => {
  const response = await fetch(`${mlflowUrl}/api/2.0/mlflow/${path}`, {
    method,
    ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
  })
  if (!response.ok) throw new Error(`MLflow answered ${path}: ${response.status} ${await response.text()}`)
  return response.json()
}

/** All versions of a model, oldest first. The search leaves their aliases out. */
export const versionsOf = async (mlflowUrl: string, modelName: string): Promise<ModelVersion[]> => {
  const filter = encodeURIComponent(`name='${modelName}'`)
  const answer = await ask(mlflowUrl, 'GET', `model-versions/search?filter=${filter}`)
  const { model_versions: found = [] } = answer as { model_versions?: ModelVersion[] }
  return found.sort((a, b) => Number(a.version) - Number(b.version))
}

/** The version under the alias `champion`. */
export const championOf = async (mlflowUrl: string, modelName: string): Promise<string> => {
  const path = `registered-models/alias?name=${modelName}&alias=champion`
  const answer = await ask(mlflowUrl, 'GET', path)
  return (answer as { model_version: ModelVersion }).model_version.version
}

/** Removes the model and the runs that made its versions. */
export const forgetModels = async (mlflowUrl: string, modelName: string): Promise<void> => {
  const versions = await versionsOf(mlflowUrl, modelName)
  for (const { run_id } of versions) await ask(mlflowUrl, 'POST', 'runs/delete', { run_id })
  if (versions.length > 0) await ask(mlflowUrl, 'DELETE', 'registered-models/delete', { name: modelName })
}
