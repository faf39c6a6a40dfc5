import { readFileSync } from 'node:fs'
import { isSystemId } from '@velocast/schemas'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { ConfigError } from './load-config.ts'

const WeatherSource = Type.Object(
  {
    provider: Type.Union([Type.Literal('open-meteo'), Type.Literal('openweathermap')]),
    address: Type.Optional(Type.String({ description: "the provider's API, when it is not the public one" })),
    apiKeyVariable: Type.Optional(
      Type.String({ description: 'the environment variable that holds the key' }),
    ),
  },
  { additionalProperties: false },
)

const FeedKey = Type.Object(
  {
    variable: Type.String({ description: 'the environment variable that holds the key' }),
    header: Type.Optional(Type.String({ description: 'the header that it is sent in, as it is' })),
    query: Type.Optional(Type.String({ description: 'or the parameter of the query' })),
    hosts: Type.Optional(
      Type.Array(Type.String(), {
        description: 'hosts besides that of gbfs.json that it may be sent to, where the feeds are on others',
      }),
    ),
  },
  { additionalProperties: false },
)

const WeatherLocation = Type.Object(
  {
    locationId: Type.String({ minLength: 1, description: 'its name in the records' }),
    latitude: Type.Number({ minimum: -90, maximum: 90 }),
    longitude: Type.Number({ minimum: -180, maximum: 180 }),
  },
  { additionalProperties: false },
)

/** A point that the weather is asked for. */
export type WeatherLocation = Static<typeof WeatherLocation>

const QualityLimits = Type.Object(
  {
    warnAt: Type.Optional(Type.Number({ description: 'from which value on it is a warning' })),
    failAt: Type.Optional(Type.Number({ description: 'from which value on it is a failure' })),
    isOff: Type.Optional(Type.Boolean({ description: 'the rule is not judged at all' })),
  },
  { additionalProperties: false },
)

export const SystemConfig = Type.Object(
  {
    systemId: Type.String({ description: 'letters, digits, dot, dash and underscore; at most 63' }),
    name: Type.Optional(Type.String()),
    gbfs: Type.String({ description: 'address of gbfs.json' }),
    gbfsKey: Type.Optional(FeedKey),
    language: Type.Optional(
      Type.String({ description: 'of names, where the operator has several; English by default' }),
    ),
    timeZone: Type.String({ description: 'IANA name, such as America/New_York' }),
    country: Type.String({ description: 'ISO 3166-1 alpha-2, for holidays' }),
    region: Type.Optional(Type.String({ description: "the country's region, for regional holidays" })),
    latitude: Type.Number({ minimum: -90, maximum: 90, description: 'where the weather is asked for' }),
    longitude: Type.Number({ minimum: -180, maximum: 180 }),
    dataLicence: Type.Optional(
      Type.String({
        description: "of the operator's data: an SPDX identifier or an address; goes with every model",
      }),
    ),
    modelName: Type.Optional(Type.String({ description: 'registered model; "velocast" by default' })),
    weather: Type.Optional(WeatherSource),
    weatherLocations: Type.Optional(
      Type.Array(WeatherLocation, {
        minItems: 1,
        description:
          'where the weather is asked for, when one point is not enough for the area: a station has the weather of the nearest',
      }),
    ),
    statusCron: Type.Optional(
      Type.String({ description: 'when status is polled; "*/15 * * * *" by default' }),
    ),
    weatherCron: Type.Optional(
      Type.String({ description: 'when weather is polled; "*/30 * * * *" by default' }),
    ),
    trainingCron: Type.Optional(
      Type.String({ description: 'in the system\'s zone; "0 2 * * *" by default' }),
    ),
    quality: Type.Optional(
      Type.Record(Type.String(), QualityLimits, {
        description: 'limits of its own for quality rules, by the name of the rule',
      }),
    ),
  },
  { additionalProperties: false },
)

const SystemsFile = Type.Object({ systems: Type.Array(SystemConfig) }, { additionalProperties: false })

/** One operator's feed, with every default filled in. */
export interface System extends Static<typeof SystemConfig> {
  modelName: string
  weather: Static<typeof WeatherSource>
  /** At least one. */
  weatherLocations: WeatherLocation[]
  statusCron: string
  weatherCron: string
  trainingCron: string
}

const DEFAULTS = {
  modelName: 'velocast',
  weather: { provider: 'open-meteo' },
  statusCron: '*/15 * * * *',
  weatherCron: '*/30 * * * *',
  trainingCron: '0 2 * * *',
} as const

/** The one point of a system that names no others. */
const CENTRE = 'centre'

/** Reads the systems file. Throws a ConfigError that lists every mistake and names the file. */
export const loadSystems = (path: string): System[] => parseSystems(readJson(path), path)

/** The systems in a parsed file; `origin` names it in mistakes. */
export const parseSystems = (content: unknown, origin: string): System[] => {
  if (!Value.Check(SystemsFile, content))
    throw new ConfigError(
      [...Value.Errors(SystemsFile, content)].map(
        (error) => `${origin}${error.instancePath}: ${error.message}`,
      ),
    )
  const systems = content.systems.map((system) => ({
    ...DEFAULTS,
    weatherLocations: [{ locationId: CENTRE, latitude: system.latitude, longitude: system.longitude }],
    ...system,
  }))
  const mistakes = systems.flatMap((system, index) => mistakesIn(system, systems.slice(0, index), origin))
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return systems
}

const readJson = (path: string): unknown => {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new ConfigError([
      `${path} cannot be read (${(error as Error).message}): \`velocast system add <gbfs.json address>\` makes it`,
    ])
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ConfigError([`${path} is not JSON: ${(error as Error).message}`])
  }
}

const mistakesIn = (system: System, earlier: readonly System[], origin: string): string[] => {
  const at = `${origin}: system ${system.systemId}`
  const mistakes: string[] = []
  if (!isSystemId(system.systemId))
    mistakes.push(`${at}: systemId may hold letters, digits, dot, dash and underscore`)
  if (earlier.some((other) => other.systemId === system.systemId)) mistakes.push(`${at} is there twice`)
  if (earlier.some((other) => other.modelName === system.modelName))
    mistakes.push(
      `${at} shares the model "${system.modelName}" with another system: give it a modelName of its own`,
    )
  if (!isTimeZone(system.timeZone))
    mistakes.push(`${at}: timeZone "${system.timeZone}" is not an IANA time zone`)
  if (!/^[A-Z]{2}$/.test(system.country))
    mistakes.push(`${at}: country "${system.country}" is not two capital letters`)
  const locationIds = new Set(system.weatherLocations.map(({ locationId }) => locationId))
  if (locationIds.size < system.weatherLocations.length)
    mistakes.push(`${at}: two of its weatherLocations have the same locationId`)
  const { gbfsKey } = system
  if (gbfsKey && (gbfsKey.header === undefined) === (gbfsKey.query === undefined))
    mistakes.push(`${at}: gbfsKey names either a header or a parameter of the query`)
  return mistakes
}

const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
