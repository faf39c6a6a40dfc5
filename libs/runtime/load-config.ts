import { type Static, type TObject, Type } from 'typebox'
import { Value } from 'typebox/value'

/** Every mistake in a configuration, found at once. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly mistakes: readonly string[]

  constructor(mistakes: readonly string[]) {
    super(
      `The configuration has ${mistakes.length} mistake(s):\n${mistakes.map((line) => `  - ${line}`).join('\n')}`,
    )
    this.mistakes = mistakes
  }
}

/**
 * Reads the variables that `schema` describes from `env`, with the schema's defaults, converted to its types.
 * An empty variable counts as absent. Throws a ConfigError that lists every mistake.
 */
export const loadConfig = <T extends TObject>(
  schema: T,
  env: Record<string, string | undefined>,
): Static<T> => {
  const given: Record<string, unknown> = {}
  for (const name of Object.keys(schema.properties)) {
    const value = env[name]
    if (value !== undefined && value !== '') given[name] = value
  }
  const value = Value.Convert(schema, Value.Default(schema, given))
  if (Value.Check(schema, value)) return value as Static<T>
  throw new ConfigError(mistakesIn(schema, value))
}

const mistakesIn = (schema: TObject, value: unknown): string[] =>
  Object.entries(schema.properties).flatMap(([name, property]) => {
    const found = (value as Record<string, unknown>)[name]
    const { description = '' } = property as { description?: string }
    if (found === undefined) {
      const isOptional = !(schema.required as string[] | undefined)?.includes(name)
      return isOptional ? [] : [`${name} is missing: ${description}`]
    }
    return [...Value.Errors(property, found)]
      .slice(0, 1)
      .map((error) => `${name}=${JSON.stringify(found)} ${error.message}: ${description}`)
  })

/** Variables that several services read, described once. */
export const configFragments = {
  kafka: {
    KAFKA_BROKERS: Type.String({
      default: '127.0.0.1:9092',
      description: 'brokers, host:port, separated by commas',
    }),
    SCHEMA_REGISTRY_URL: Type.String({
      default: 'http://127.0.0.1:8081/apis/ccompat/v7',
      description: 'address of a registry that speaks the Confluent API',
    }),
    KAFKA_TOPIC_PREFIX: Type.String({
      default: '',
      description: 'put before every topic, group and subject name',
    }),
    KAFKA_PARTITIONS: Type.Integer({
      minimum: 1,
      maximum: 1_000,
      default: 24,
      description: 'partitions of every topic; all services of an installation must agree',
    }),
  },
  database: {
    DATABASE_URL: Type.String({
      description: 'postgres://user:password@host:port/database of a PostgreSQL with TimescaleDB',
    }),
  },
  mlflow: {
    MLFLOW_TRACKING_URI: Type.String({
      default: 'http://127.0.0.1:5000',
      description: "address of MLflow's server",
    }),
  },
  systems: {
    SYSTEMS_FILE: Type.String({
      default: 'systems.json',
      description: 'the file that names the systems to follow',
    }),
  },
  process: {
    LOG_LEVEL: Type.Union(
      ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'].map((level) => Type.Literal(level)),
      { default: 'info', description: 'how much is logged' },
    ),
    OTEL_EXPORTER_OTLP_ENDPOINT: Type.Optional(
      Type.String({
        description:
          'base address of a collector that takes traces by OTLP over HTTP; without it nothing is traced',
      }),
    ),
    OTEL_TRACES_SAMPLER_ARG: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 1,
      description: 'the share of traces that is kept',
    }),
    OPERATIONS_HOST: Type.String({ default: '127.0.0.1', description: 'where /metrics and /health listen' }),
    OPERATIONS_PORT: Type.Integer({
      minimum: 0,
      maximum: 65535,
      default: 0,
      description: 'port of /metrics and /health; 0 takes any free one, and the log says which',
    }),
  },
}
