/** Documents as operators published them; they are not part of the project. */
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseJson } from './parse-json.ts'
import { readAutoDiscovery } from './read-auto-discovery.ts'
import { readElectricTypes } from './read-electric-types.ts'
import { readStationInformation } from './read-station-information.ts'
import { readStationStatus } from './read-station-status.ts'
import { RECORDED_DOCUMENTS } from './testing/recorded-documents.ts'

const folder = fileURLToPath(new URL('../../../shared/data/gbfs', import.meta.url))
const skip = existsSync(folder) ? false : `there are no recorded documents at ${folder}`
const documents = skip ? [] : globSync('**/*.json', { cwd: folder }).sort()
const read = (path: string): unknown => parseJson(readFileSync(join(folder, path), 'utf8'))
const polledAt = Date.UTC(2026, 5, 1)

const readerOf = (path: string) => {
  if (/station_status/.test(basename(path))) return readStationStatus
  return /station_information/.test(basename(path)) ? readStationInformation : null
}

for (const [path, [version, listed, stations, oddities]] of Object.entries(RECORDED_DOCUMENTS))
  test(path, { skip }, () => {
    const reading = readerOf(path)!(read(path), { polledAt })
    assert.deepEqual(
      [reading.version, reading.listed, reading.stations.length],
      [version, listed, stations],
      'version, entries, stations',
    )
    assert.deepEqual(
      Object.fromEntries(reading.oddities.map(({ rule, count }) => [rule, count])),
      oddities,
      'oddities',
    )
    assert.equal(reading.stations.length + reading.rejected.length, listed, 'nothing is lost')
  })

test('every recorded station feed is in the list above', { skip }, () => {
  assert.deepEqual(
    documents.filter((path) => readerOf(path) !== null),
    Object.keys(RECORDED_DOCUMENTS).sort(),
  )
})

test('every gbfs.json that names station feeds is followed', { skip }, () => {
  const paths = documents.filter((path) => basename(path) === 'gbfs.json')
  const followed = paths.filter((path) => /station_status/.test(JSON.stringify(read(path))))
  assert.ok(followed.length >= 3)
  for (const path of followed)
    assert.match(readAutoDiscovery(read(path), 'https://bikes.example/gbfs.json').stationStatus, /^https?:/)
})

test("Divvy's own count of e-bikes equals that of its vehicle types", { skip }, () => {
  const status = read('divvy-chicago-2025-v2.3/station_status.json') as {
    data: { stations: Record<string, unknown>[] }
  }
  const electricTypes = readElectricTypes(read('divvy-chicago-2025-v2.3/vehicle_types.json'))
  const own = readStationStatus(status, { polledAt }).stations
  for (const station of status.data.stations) delete station.num_ebikes_available
  const counted = readStationStatus(status, { polledAt, electricTypes }).stations
  const sum = (stations: typeof own) => stations.reduce((all, { ebikes }) => all + (ebikes ?? 0), 0)
  assert.equal(sum(counted), sum(own))
})
