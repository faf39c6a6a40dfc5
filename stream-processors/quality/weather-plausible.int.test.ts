/** From a provider's answer, by the producer's own reader, to the verdict: a provider that changes its unit. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Follower } from '@velocast/kafka'
import { type DataQuality, topics, type WeatherObservation } from '@velocast/schemas'
import {
  createTestKafka,
  type SpawnedService,
  spawnService,
  type TestKafka,
  waitFor,
} from '@velocast/testkit'
import { configOf } from './testing/judge-log.ts'

const HOUR_S = 3_600
/** What the provider says of each of four cities, which it tells by their latitudes. */
const said = {
  right: { value: 12, unit: '°C' },
  kelvins: { value: 285.2, unit: '°C' },
  unknown: { value: 9.6, unit: '°Ré' },
  nothing: null,
} as const
type City = keyof typeof said
const cities = Object.keys(said) as City[]
const latitudeOf = (city: City): number => 40 + cities.indexOf(city)

/** As Open-Meteo answers, of a moment that is always the present one. */
const answer = (temperature: (typeof said)[City]) => {
  if (temperature === null) return { error: true }
  const now = Math.floor(Date.now() / 1000)
  const hour = now - (now % HOUR_S)
  const units = {
    temperature_2m: temperature.unit,
    apparent_temperature: '°C',
    relative_humidity_2m: '%',
    precipitation: 'mm',
    cloud_cover: '%',
    pressure_msl: 'hPa',
    wind_speed_10m: 'm/s',
  }
  return {
    utc_offset_seconds: 0,
    current_units: units,
    current: {
      time: now,
      temperature_2m: temperature.value,
      apparent_temperature: 11,
      relative_humidity_2m: 60,
      weather_code: 1,
      cloud_cover: 20,
      pressure_msl: 1013,
      wind_speed_10m: 3,
    },
    hourly_units: units,
    hourly: {
      time: [hour, hour + HOUR_S],
      temperature_2m: [temperature.value, temperature.value],
      relative_humidity_2m: [60, 60],
      precipitation: [0, 0],
      wind_speed_10m: [3, 3],
    },
  }
}

const folder = mkdtempSync(join(tmpdir(), 'velocast-quality-'))
const services: SpawnedService[] = []
const verdicts: DataQuality[] = []
const observations: WeatherObservation[] = []
let broker: TestKafka
let follower: Follower
let provider: Server

before(async () => {
  broker = await createTestKafka({ partitions: 2 })
  provider = createServer(({ url }, response) => {
    const latitude = Number(new URL(url ?? '/', 'http://localhost').searchParams.get('latitude'))
    const city = cities.find((each) => latitudeOf(each) === latitude)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(city ? answer(said[city]) : {}))
  })
  provider.listen(0, '127.0.0.1')
  await once(provider, 'listening')
  const address = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`
  const systems = cities.map((city) => ({
    ...configOf(city),
    latitude: latitudeOf(city),
    gbfs: `${address}/gbfs.json`,
    weather: { provider: 'open-meteo', address },
  }))
  const systemsFile = join(folder, 'systems.json')
  writeFileSync(systemsFile, JSON.stringify({ systems }))
  follower = await broker.kafka.follow({
    topics: [topics.dataQuality, topics.weatherObservations],
    from: 'beginning',
    onRecords(records) {
      for (const { topic, value } of records)
        if (topic.name === 'weather-observations') observations.push({ ...value })
        else if (value.rule.startsWith('weather-')) verdicts.push({ ...value })
    },
  })
  for (const file of ['./main.ts', '../../producers/main.ts'])
    services.push(spawnService(new URL(file, import.meta.url), { ...broker.env, SYSTEMS_FILE: systemsFile }))
})
after(async () => {
  await Promise.all(services.map((service) => service.kill('SIGKILL')))
  provider?.closeAllConnections()
  provider?.close()
  await follower?.stop()
  await broker?.close()
  rmSync(folder, { recursive: true, force: true })
})

const verdictOn = (city: City, rule: string): Promise<DataQuality> =>
  waitFor(() => verdicts.find((each) => each.systemId === city && each.rule === rule), {
    what: `${rule} of ${city}`,
    lines: () => services.flatMap((each) => each.lines().slice(-5)),
  })

test('a provider that changes its unit fails, is quoted, and vetoes trainings', async () => {
  assert.equal((await verdictOn('right', 'weather-plausible')).status, 'PASS')
  for (const [city, quoted] of [
    ['kelvins', 'temperatureC 285.2 °C'],
    ['unknown', 'temperatureC in "°Ré"'],
  ] as const) {
    const { status, detail, vetoesTraining } = await verdictOn(city, 'weather-plausible')
    assert.deepEqual([status, vetoesTraining], ['FAIL', true], city)
    assert.ok(detail?.startsWith(`For example ${quoted}. `), `${detail}`)
  }
  // The topic does not have it: of all that it says, nothing is beyond what there is.
  const temperatures = new Map(observations.map(({ systemId, temperatureC }) => [systemId, temperatureC]))
  assert.deepEqual(
    temperatures,
    new Map([
      ['right', 12],
      ['kelvins', Number.NaN],
      ['unknown', Number.NaN],
    ]),
  )
})

test('a poll whose locations all failed is judged', async () => {
  const { status, actual } = await verdictOn('nothing', 'weather-complete')
  assert.deepEqual([status, actual], ['FAIL', '100 % of the values'])
})
