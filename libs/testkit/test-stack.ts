/** Addresses of the real servers that tests run against. */
export interface TestStack {
  brokers: string[]
  registryUrl: string
  databaseUrl: string
  mlflowUrl: string
  /** The same as variables, for processes that a test starts. */
  env: Record<string, string>
}

const VARIABLES = ['KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL', 'DATABASE_URL', 'MLFLOW_TRACKING_URI'] as const

/** Throws an error that says what to do when the servers' addresses are not in the environment. */
export const testStack = (env: Record<string, string | undefined> = process.env): TestStack => {
  const missing = VARIABLES.filter((name) => !env[name])
  if (missing.length > 0)
    throw new Error(
      `This test needs real servers, and ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not set. ` +
        'Run `npm test`, which starts them; or start them with `npx velocast stack up` and export the variables it prints.',
    )
  const [brokers, registryUrl, databaseUrl, mlflowUrl] = VARIABLES.map((name) => env[name] as string)
  return {
    brokers: brokers!.split(','),
    registryUrl: registryUrl!,
    databaseUrl: databaseUrl!,
    mlflowUrl: mlflowUrl!,
    env: Object.fromEntries(VARIABLES.map((name) => [name, env[name] as string])),
  }
}
