/** A simulated city and every service that follows it, each as a process of its own, on topics and tables of its own. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseSystems, type System } from '@velocast/runtime'
import { topics } from '@velocast/schemas'
import { type Clock, createSimulatedClock, type Simulator, startSimulator } from '@velocast/simulator'
import {
  createTestDatabase,
  createTestKafka,
  type SpawnedService,
  spawnService,
  type TestDatabase,
  type TestKafka,
  waitFor,
} from '@velocast/testkit'

const serviceFiles = {
  features: '../stream-processors/features/main.ts',
  quality: '../stream-processors/quality/main.ts',
  'feature-check': '../stream-processors/feature-check/main.ts',
  sink: '../sinks/timescale/main.ts',
  training: '../training/main.ts',
  api: '../serving/api/main.ts',
  producers: '../producers/main.ts',
} as const

export type CityService = keyof typeof serviceFiles

export interface CityOptions {
  stations: number
  /** The operator's clock; the real time by default. */
  clock?: Clock
  /** The system's own limits of quality rules. */
  quality?: System['quality']
  /** What the services are given beside the addresses. */
  env?: Record<string, string>
}

export interface City {
  system: System
  simulator: Simulator
  broker: TestKafka
  tables: TestDatabase
  services: ReadonlyMap<CityService, SpawnedService>
  /** Starts the service and resolves once it says that it has started. */
  start: (name: CityService) => Promise<SpawnedService>
  /** The API's address; only once it has started. */
  apiAddress: () => string
  /** Resolves once features and sink have handled all that is in their topics. */
  caughtUp: () => Promise<void>
  close: () => Promise<void>
}

export const startCity = async ({
  stations,
  clock = createSimulatedClock(),
  quality,
  env: more = {},
}: CityOptions): Promise<City> => {
  const trainerPython = process.env.TRAINER_PYTHON
  if (!trainerPython) throw new Error('TRAINER_PYTHON is not set: `npm test -- e2e` sets it')
  const [broker, tables, simulator, folder] = await Promise.all([
    createTestKafka({ partitions: 2 }),
    createTestDatabase(),
    startSimulator({ stations, clock, feed: { kind: 'city', hasFeedOutages: false } }),
    mkdtemp(join(tmpdir(), 'velocast-city-')),
  ])
  await broker.kafka.registerSchemas()
  const system = systemOf(simulator, quality)
  const systemsFile = join(folder, 'systems.json')
  await writeFile(systemsFile, JSON.stringify({ systems: [system] }))
  const env = {
    ...broker.env,
    DATABASE_URL: tables.url,
    SYSTEMS_FILE: systemsFile,
    CACHE_FOLDER: join(folder, 'cache'),
    WORK_FOLDER: join(folder, 'training'),
    TRAINER_PYTHON: trainerPython,
    API_PORT: '0',
    ...more,
  }
  const services = new Map<CityService, SpawnedService>()

  const start = async (name: CityService): Promise<SpawnedService> => {
    const service = spawnService(new URL(serviceFiles[name], import.meta.url), env)
    services.set(name, service)
    await waitFor(() => hasSaid(service, 'started') || !service.isRunning(), {
      what: `${name} starts`,
      lines: service.lines,
    })
    if (!service.isRunning()) throw new Error(`${name} ended:\n${service.lines().join('\n')}`)
    return service
  }

  return {
    system,
    simulator,
    broker,
    tables,
    services,
    start,
    apiAddress: () =>
      String(
        services
          .get('api')
          ?.events()
          .find(({ msg }) => msg === 'API')?.address,
      ),
    async caughtUp() {
      // One after the other: what the first has handled is in the topic of the next.
      for (const { group, from } of stages)
        await waitFor(async () => (await broker.kafka.lagOf(group, [from])) === 0, {
          everyMs: 200,
          what: `${group} has handled all of ${from.name}`,
        })
    },
    async close() {
      await Promise.all([...services.values()].map((service) => service.kill('SIGTERM')))
      await simulator.stop()
      await Promise.all([broker.close(), tables.drop(), rm(folder, { recursive: true, force: true })])
    },
  }
}

const stages = [
  { group: 'features', from: topics.stationStatus },
  { group: 'timescale-sink.station-status', from: topics.stationStatus },
  { group: 'timescale-sink.station-features', from: topics.stationFeatures },
  { group: 'timescale-sink.small-tables', from: topics.feedPolls },
] as const

const hasSaid = (service: SpawnedService, words: string): boolean =>
  service.events().some(({ msg }) => msg === words)

const systemOf = (
  { info, gbfsAddress, openMeteoAddress }: Simulator,
  quality: System['quality'] = {},
): System => {
  const { systemId, timeZone, country, latitude, longitude } = info
  const [system] = parseSystems(
    {
      systems: [
        {
          systemId,
          gbfs: gbfsAddress,
          timeZone,
          country,
          latitude,
          longitude,
          weather: { provider: 'open-meteo', address: openMeteoAddress },
          quality,
          // A test asks for trainings itself, at whatever time of the day it runs.
          trainingCron: '0 0 29 2 *',
        },
      ],
    },
    'the simulator',
  )
  return system!
}
