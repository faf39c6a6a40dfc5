/** What the tests see of MLflow, and what they leave of it. */

interface ModelVersion {
  version: string
  current_stage: string
  aliases?: string[]
  run_id: string
  tags: { key: string; value: string }[]
}

export const ask = async (
  mlflowUrl: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> => {
  const response = await fetch(`${mlflowUrl}/api/2.0/mlflow/${path}`, {
    method,
    ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
  })
  if (!response.ok) throw new Error(`MLflow answered ${path}: ${response.status} ${await response.text()}`)
  return response.json()
}

/** All versions of a model, oldest first. The search leaves their aliases out. */
export const versionsOf = async (mlflowUrl: string, modelName: string): Promise<ModelVersion[]> => {
  const filter = encodeURIComponent(`name="${modelName}"`)
  const answer = await ask(mlflowUrl, 'GET', `model-versions/search?filter=${filter}`)
  const { model_versions: found = [] } = answer as { model_versions?: ModelVersion[] }
  return found.sort((a, b) => Number(a.version) - Number(b.version))
}

/** The version under an alias; null where there is none. */
export const aliasOf = async (
  mlflowUrl: string,
  modelName: string,
  alias: 'champion' | 'challenger',
): Promise<string | null> => {
  const path = `registered-models/alias?${new URLSearchParams({ name: modelName, alias })}`
  const answer = await ask(mlflowUrl, 'GET', path).catch((error) => {
    if (String(error).includes('alias')) return null
    throw error
  })
  return (answer as { model_version: ModelVersion } | null)?.model_version.version ?? null
}

/** Removes the model and the runs that made its versions. */
export const forgetModels = async (mlflowUrl: string, modelName: string): Promise<void> => {
  const versions = await versionsOf(mlflowUrl, modelName)
  for (const { run_id } of versions) await ask(mlflowUrl, 'POST', 'runs/delete', { run_id })
  if (versions.length > 0) await ask(mlflowUrl, 'DELETE', 'registered-models/delete', { name: modelName })
}
