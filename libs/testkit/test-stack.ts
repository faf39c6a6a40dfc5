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

type Environment = Record<string, string | undefined>

/** Throws an error that says what to do when the servers' addresses are not in the environment. */
export const testStack = (env: Environment = process.env): TestStack => {
  const [brokers, registryUrl, databaseUrl, mlflowUrl] = required(VARIABLES, env) as [
    string,
    string,
    string,
    string,
  ]
  return {
    brokers: brokers.split(','),
    registryUrl,
    databaseUrl,
    mlflowUrl,
    env: Object.fromEntries(VARIABLES.map((name) => [name, env[name] as string])),
  }
}

/** The database alone, for what needs nothing else. */
export const testDatabaseUrl = (env: Environment = process.env): string => required(['DATABASE_URL'], env)[0]!

const required = (names: readonly string[], env: Environment): string[] => {
  const missing = names.filter((name) => !env[name])
  if (missing.length > 0)
    throw new Error(
      `Real servers are needed here, and ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not set. ` +
        'Run `npm test`, which starts them; or start them with `npx velocast stack up` and export the variables it prints.',
    )
  return names.map((name) => env[name] as string)
}
