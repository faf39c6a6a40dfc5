import type { Database } from '@velocast/db'
import type { KafkaClient } from '@velocast/kafka'
import type { BackendCheck, BackendName } from './watch-backends.ts'

export interface BackendAddresses {
  /** Null where no database is configured: a predictor needs none. */
  database: Database | null
  kafka: KafkaClient
  mlflowUrl: string
  registryUrl: string
}

/** The smallest question that each server answers only when it works. */
export const backendChecks = ({
  database,
  kafka,
  mlflowUrl,
  registryUrl,
}: BackendAddresses): Partial<Record<BackendName, BackendCheck>> => ({
  ...(database && { database: () => database.query('select 1') }),
  kafka: () => kafka.ping(),
  mlflow: (signal) => askFor(`${mlflowUrl}/health`, signal),
  schema_registry: (signal) => askFor(`${registryUrl}/config`, signal),
})

const askFor = async (url: string, signal: AbortSignal): Promise<void> => {
  const response = await fetch(url, { signal })
  await response.arrayBuffer()
  if (!response.ok) throw new Error(`it answers ${response.status}`)
}
