import type { StackPorts } from './ports.ts'
import type { Credentials } from './server.ts'
import { registryPath } from './servers/registry.ts'

export interface StackAddresses {
  /** `host:port` of each broker. */
  readonly kafkaBrokers: readonly string[]
  /** With the path of the Confluent-compatible API. */
  readonly schemaRegistryUrl: string
  /** Holds the password of this home's role `velocast`. */
  readonly databaseUrl: string
  readonly mlflowUrl: string
}

export function addressesOf(ports: StackPorts, credentials: Credentials): StackAddresses {
  return {
    kafkaBrokers: [`127.0.0.1:${ports.kafka}`],
    schemaRegistryUrl: `http://127.0.0.1:${ports.registry}${registryPath}`,
    databaseUrl: `postgresql://velocast:${credentials.velocast}@127.0.0.1:${ports.postgres}/velocast`,
    mlflowUrl: `http://127.0.0.1:${ports.mlflow}`,
  }
}

/** The variables by which every service finds the servers. */
export function stackEnvironment(addresses: StackAddresses): Record<string, string> {
  return {
    KAFKA_BROKERS: addresses.kafkaBrokers.join(','),
    SCHEMA_REGISTRY_URL: addresses.schemaRegistryUrl,
    DATABASE_URL: addresses.databaseUrl,
    MLFLOW_TRACKING_URI: addresses.mlflowUrl,
  }
}
