/** A small city for tests: a system, its vectors, promotions of made bundles, and a place that serves their files. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { vectorFeatureNames } from '@velocast/features'
import { type MadeBundle, type MakeBundleOptions, makeBundle } from '@velocast/inference/testing'
import { createLogger, parseSystems, type System } from '@velocast/runtime'
import type { ModelPromoted, StationInformation, WeatherForecast } from '@velocast/schemas'
import { Registry } from 'prom-client'
import type { Knowledge } from '../knowledge.ts'
import { createTelemetry } from '../telemetry.ts'
import type { KnownVector } from '../vector-table.ts'

export const hourMs = 3_600_000
export const testNow = Date.UTC(2026, 4, 4, 8, 1)
export const testClock = { now: () => testNow }
export const silentLog = createLogger('test', 'silent')

export const testSystem: System = parseSystems(
  {
    systems: [
      {
        systemId: 'test-city',
        name: 'Test City',
        gbfs: 'http://127.0.0.1/gbfs.json',
        timeZone: 'Europe/Oslo',
        country: 'NO',
        latitude: 59.9,
        longitude: 10.7,
      },
    ],
  },
  'test',
)[0] as System

export const testTelemetry = () => {
  const metrics = new Registry()
  return { metrics, telemetry: createTelemetry(silentLog, metrics) }
}

/** A station's vector: `bikes` and `capacity` as given, everything else a number that depends on its place alone. */
export const testVector = (
  stationId: string,
  { asOf = testNow - 60_000, bikes = 10, capacity = 20 } = {},
): KnownVector => ({
  stationId,
  asOf,
  polledAt: asOf + 2_000,
  vector: Float32Array.from(vectorFeatureNames, (name, index) =>
    name === 'bikes' ? bikes : name === 'capacity' ? capacity : (index % 13) - 3,
  ),
})

export const testStation = (stationId: string): StationInformation => ({
  systemId: testSystem.systemId,
  stationId,
  name: `Station ${stationId}`,
  latitude: 59.9,
  longitude: 10.7,
  capacity: 20,
  isVirtual: false,
  regionId: null,
  polledAt: testNow - 24 * hourMs,
})

export const testWeather = (): WeatherForecast => {
  const validAt = Array.from({ length: 180 }, (_, hour) => testNow + (hour - 2) * hourMs)
  return {
    systemId: testSystem.systemId,
    locationId: 'centre',
    provider: 'open-meteo',
    issuedAt: testNow - hourMs,
    polledAt: testNow - 30 * 60_000,
    validAt,
    temperatureC: validAt.map((_, hour) => (hour === 7 ? Number.NaN : 12 + (hour % 24) / 4)),
    humidityPercent: validAt.map(() => 60),
    windSpeedMps: validAt.map(() => 3),
    precipitationMm: validAt.map(() => 0),
  }
}

export const fillKnowledge = (knowledge: Knowledge, stationIds: readonly string[]): void => {
  for (const stationId of stationIds) {
    knowledge.takeVector(testVector(stationId))
    knowledge.takeStation(testStation(stationId))
    for (let hour = 0; hour < 4 * 7 * 24; hour++)
      knowledge.past.put(stationId, testNow - hour * hourMs, (hour % 24) / 2)
  }
  knowledge.takeWeather(testWeather())
}

/** A bundle whose every departure is forecast as its own version: an answer tells which model each of its numbers is from. */
export const versionedBundle = (version: number, options: MakeBundleOptions = {}): MadeBundle =>
  makeBundle({
    seed: version,
    leafSpread: 0,
    base: { departures_mean: version },
    systemId: testSystem.systemId,
    ...options,
  })

export const promotionOf = (
  bundle: MadeBundle,
  version: number,
  artifactUri = 'http://127.0.0.1:9/x',
): ModelPromoted => ({
  systemId: testSystem.systemId,
  modelName: testSystem.modelName,
  modelVersion: String(version),
  runId: `run-${version}`,
  triggerId: null,
  promotedAt: testNow + version,
  artifactUri,
  manifestSha256: bundle.manifestSha256,
  features: [...bundle.manifest.features],
  fingerprint: bundle.manifest.fingerprint,
  previousVersion: null,
  reason: 'test',
  metrics: { rmse: 1 },
})

/** An artifact store that speaks MLflow's plain HTTP. */
export const serveBundles = async (bundles: ReadonlyMap<string, MadeBundle>) => {
  let requests = 0
  const server = createServer((request, response) => {
    requests++
    const [, folder = '', path = ''] =
      /^\/api\/2\.0\/mlflow-artifacts\/artifacts\/([^/]+)\/bundle\/([^/]+)$/.exec(request.url ?? '') ?? []
    const content = bundles.get(folder)?.files.get(path)
    response.writeHead(content ? 200 : 404).end(content)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    uriOf: (folder: string) => `mlflow-artifacts:/${folder}/bundle`,
    requests: () => requests,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
