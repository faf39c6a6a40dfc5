/** Documents as operators published them; they are not part of the project. */
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readAutoDiscovery } from './read-auto-discovery.ts'
import { readElectricTypes } from './read-electric-types.ts'
import { readStationInformation } from './read-station-information.ts'
import { readStationStatus } from './read-station-status.ts'

const folder = fileURLToPath(new URL('../../../shared/data/gbfs', import.meta.url))
const skip = existsSync(folder) ? false : `there are no recorded documents at ${folder}`
const documents = skip ? [] : globSync('**/*.json', { cwd: folder }).sort()
const read = (path: string): unknown => JSON.parse(readFileSync(join(folder, path), 'utf8'))
const polledAt = Date.UTC(2026, 5, 1)

/** nextbike says -1 for "not known" in every status of this document. */
const UNUSABLE = 'vrnnextbike'

test('every station_status is read, and its counts are kept', { skip }, () => {
  const paths = documents.filter((path) => /station_status/.test(basename(path)))
  assert.ok(paths.length > 10)
  for (const path of paths) {
    const { listed, stations, rejected, oddities } = readStationStatus(read(path), { polledAt })
    const repeated = oddities
      .filter(({ rule }) => rule.startsWith('duplicate-station'))
      .reduce((sum, { count }) => sum + count, 0)
    assert.equal(stations.length + rejected.length + repeated, listed, path)
    assert.equal(path.startsWith(UNUSABLE) ? stations.length : rejected.length, 0, path)
    for (const { bikes, docks, observedAt } of stations) {
      assert.ok(Number.isInteger(bikes) && bikes >= 0, path)
      assert.ok(docks === null || Number.isInteger(docks), path)
      assert.ok(observedAt <= polledAt, path)
    }
  }
})

test('every station_information is read', { skip }, () => {
  const paths = documents.filter((path) => /station_information/.test(basename(path)))
  assert.ok(paths.length > 10)
  for (const path of paths) {
    const { listed, stations, rejected } = readStationInformation(read(path), { polledAt })
    assert.deepEqual(rejected, [], path)
    assert.equal(stations.length, listed, path)
    for (const { name, stationId } of stations) assert.ok(name !== '' && stationId !== '', path)
  }
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
