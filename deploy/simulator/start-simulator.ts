import { countryOfTimeZone } from '@velocast/runtime'
import { createCityFeed } from './city/city-feed.ts'
import { createCity } from './city/create-city.ts'
import { planCity } from './city/plan-city.ts'
import type { FeedSource } from './feed/feed-source.ts'
import type { GbfsVersion } from './feed/gbfs-documents.ts'
import { type Faults, NO_FAULTS } from './http/faults.ts'
import { createGbfsRoutes } from './http/gbfs-routes.ts'
import { serve } from './http/serve.ts'
import { createWeatherRoutes } from './http/weather-routes.ts'
import { createLocalTime, type LocalTime } from './local-time.ts'
import { openRecordedFeed, type RecordedFeedOptions } from './recorded/open-recorded-feed.ts'
import { type Clock, createSimulatedClock } from './simulated-clock.ts'
import { createWeatherModel, type WeatherModel } from './weather/weather-model.ts'

export interface CityFeedSettings {
  kind: 'city'
  /** Part of the fleet that is electric; 0.3 by default. */
  ebikeShare?: number
  /** Whether single stations fail now and then; true by default. */
  hasStationOutages?: boolean
  /** Whether the feed freezes or is down now and then; true by default. */
  hasFeedOutages?: boolean
}

export interface RecordedFeedSettings extends Omit<RecordedFeedOptions, 'now' | keyof SystemSettings> {
  kind: 'recorded'
}

/** Who and where the operator is: Berlin by default, and for a recording what it says itself. */
interface SystemSettings {
  systemId?: string
  name?: string
  centre?: { latitude: number; longitude: number }
  /** IANA name. */
  timeZone?: string
}

export interface SimulatorOptions extends SystemSettings {
  /** 0, the default, takes any free port. */
  port?: number
  /** Decides everything that is random: city, demand, weather, outages. */
  seed?: number
  /** Of the city, 60 by default; a recording's are as recorded. */
  stations?: number
  /** Real time by default. */
  clock?: Clock
  gbfsVersion?: GbfsVersion
  feed?: CityFeedSettings | RecordedFeedSettings
  faults?: Partial<Faults>
  /** Hears of a bug in the simulator itself, which answers 500. */
  onError?: (error: unknown) => void
}

export interface SimulatorInfo {
  systemId: string
  name: string
  timeZone: string
  /** ISO 3166-1 alpha-2, or null when no country has the time zone for its own. */
  country: string | null
  latitude: number
  longitude: number
  stationCount: number
  /** The first and last moment at which a recording says something new; null for a city, which has no such bounds. */
  startsAt: number | null
  endsAt: number | null
  /** How far a recording is moved: give it to the next run, so that history stays where it is. */
  weeksMoved: number | null
}

export interface Simulator {
  /** `http://127.0.0.1:<port>` */
  address: string
  /** Of `gbfs.json`. */
  gbfsAddress: string
  /** What stands for `https://api.open-meteo.com`: without a path. */
  openMeteoAddress: string
  /** What stands for `https://api.openweathermap.org`: without a path. */
  openWeatherMapAddress: string
  info: SimulatorInfo
  setFault: (faults: Partial<Faults>) => void
  stop: () => Promise<void>
}

const DEFAULT_STATIONS = 60
const DEFAULT_SYSTEM = {
  centre: { latitude: 52.52, longitude: 13.405 },
  timeZone: 'Europe/Berlin',
  systemId: 'demo-city',
  name: 'Demo City Bikes',
}

/** Starts an operator and two weather services on the loopback. Rejects when the port is taken or the data is amiss. */
export const startSimulator = async ({
  port = 0,
  seed = 1,
  stations = DEFAULT_STATIONS,
  clock = createSimulatedClock(),
  gbfsVersion = '2.3',
  feed = { kind: 'city' },
  faults = {},
  onError = () => {},
  ...system
}: SimulatorOptions = {}): Promise<Simulator> => {
  const { source, weather, localTime } =
    feed.kind === 'city'
      ? simulateCity(seed, stations, system, feed)
      : await playRecording(seed, system, feed, clock)
  let broken: Faults = { ...NO_FAULTS, ...faults }
  let frozenAt = clock.now()
  let address = ''

  const serving = await serve({
    port,
    clock,
    gbfs: createGbfsRoutes({ source, version: gbfsVersion, folderAddress: () => `${address}/gbfs` }),
    weather: createWeatherRoutes({ model: weather, place: { system: source.system, localTime } }),
    faults: () => broken,
    frozenAt: () => frozenAt,
    onError,
  })
  address = `http://127.0.0.1:${serving.port}`
  return {
    address,
    gbfsAddress: `${address}/gbfs/gbfs.json`,
    openMeteoAddress: address,
    openWeatherMapAddress: address,
    info: {
      ...source.system,
      country: countryOfTimeZone(source.system.timeZone),
      stationCount: source.stationsAt(clock.now()).stations.length,
      ...source.span,
      weeksMoved: source.weeksMoved,
    },
    setFault: (changed) => {
      if (changed.feed === 'frozen') frozenAt = clock.now()
      broken = { ...broken, ...changed }
    },
    stop: serving.stop,
  }
}

interface World {
  source: FeedSource
  weather: WeatherModel
  localTime: LocalTime
}

const simulateCity = (
  seed: number,
  stations: number,
  given: SystemSettings,
  { ebikeShare, hasStationOutages = true, hasFeedOutages = true }: CityFeedSettings,
): World => {
  const { centre, ...named } = { ...DEFAULT_SYSTEM, ...given }
  const localTime = createLocalTime(named.timeZone)
  const weather = createWeatherModel({ seed, latitude: centre.latitude, localTime })
  const plan = planCity({ seed, stations, centre, ...(ebikeShare === undefined ? {} : { ebikeShare }) })
  const city = createCity({ plan, localTime, weather, hasStationOutages })
  return {
    source: createCityFeed({ city, system: { ...named, ...centre }, hasFeedOutages }),
    weather,
    localTime,
  }
}

/** A recording holds no weather: it gets that of the model, for its place and season. */
const playRecording = async (
  seed: number,
  given: SystemSettings,
  settings: RecordedFeedSettings,
  clock: Clock,
): Promise<World> => {
  const source = await openRecordedFeed({ ...settings, ...given, now: clock.now() })
  const localTime = createLocalTime(source.system.timeZone)
  const weather = createWeatherModel({ seed, latitude: source.system.latitude, localTime })
  return { source, weather, localTime }
}
