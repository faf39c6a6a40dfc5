/** Data sets against the library and against slow loops over the records they are made of, on a real database. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import {
  createCalendar,
  createSystemHistory,
  createSystemPast,
  forecastAsOf,
  modelFeatureNames,
  type SystemPast,
  slotMs,
  slotOf,
  vectorFeatureNames,
  writeTargetFeatures,
} from '@velocast/features'
import type { StationStatus } from '@velocast/schemas'
import { createTestDatabase, type TestDatabase } from '@velocast/testkit'
import { type Table, tableFromIPC } from 'apache-arrow'
import { irregularCity } from '../testing/irregular-city.ts'
import { asStored, loadRecords } from '../testing/load-city.ts'
import { buildDataset } from './build-dataset.ts'
import type { DatasetRequest } from './dataset-request.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const DAYS = 24
const startAt = Date.UTC(2026, 2, 10)
const endAt = startAt + DAYS * dayMs
const system = { systemId: 'testville', timeZone: 'Europe/Oslo', country: 'NO', region: null }
const readings = { seed: 5, systemId: system.systemId, polls: (DAYS * dayMs) / slotMs, startAt }
const statuses = irregularCity({ ...readings, stations: 4 })
const weather = asStored(readings)

const folder = mkdtempSync(join(tmpdir(), 'velocast-dataset-'))
let whole: TestDatabase
/** The same without anything that became known after `cutAt`. */
let shortened: TestDatabase
const cutAt = startAt + 17 * dayMs

before(async () => {
  whole = await createTestDatabase()
  shortened = await createTestDatabase()
  for (const { database } of [whole, shortened]) await loadRecords(database, { statuses, ...weather })
  for (const table of ['station_status', 'weather_observations', 'weather_forecasts'])
    await shortened.database.query(`delete from ${table} where polled_at > $1`, [new Date(cutAt)])
})
after(async () => {
  await whole?.drop()
  await shortened?.drop()
  rmSync(folder, { recursive: true })
})

const requestOf = (name: string, changes: Partial<DatasetRequest> = {}): DatasetRequest => ({
  ...system,
  until: endAt,
  historyDays: 60,
  maxRows: 12_000,
  seed: 1,
  trainShare: 0.7,
  outFile: join(folder, name),
  ...changes,
})

const bytesOf = (name: string): Buffer => readFileSync(join(folder, name))

const build = async (
  name: string,
  changes: Partial<DatasetRequest> = {},
  database = whole.database,
): Promise<Rows> => {
  const request = requestOf(name, changes)
  const outcome = await buildDataset(database, request, () => {})
  assert.ok(outcome.ok, JSON.stringify(outcome))
  const rows = rowsOf(tableFromIPC(bytesOf(name)))
  assert.equal(rows.count, outcome.report.rows)
  return rows
}

/** A data set by column. */
interface Rows {
  count: number
  stationId: (row: number) => string
  asOf: (row: number) => number
  targetAt: (row: number) => number
  value: (name: string, row: number) => number
}

const rowsOf = (table: Table): Rows => {
  const columns = new Map(
    table.schema.fields.map(({ name }) => [name, table.getChild(name)!.toArray() as ArrayLike<unknown>]),
  )
  const stations = table.getChild('station_id')!
  return {
    count: table.numRows,
    stationId: (row) => stations.get(row),
    asOf: (row) => Number(columns.get('as_of')![row]),
    targetAt: (row) => Number(columns.get('target_at')![row]),
    value: (name, row) => columns.get(name)![row] as number,
  }
}

/** What the stream publishes from the same records; `onVector` hears of each with what was seen until then. */
const vectorsOfStream = (
  onVector: (name: string, vector: Float32Array, past: SystemPast) => void = () => {},
): Map<string, Float32Array> => {
  const history = createSystemHistory(system)
  const past = createSystemPast()
  const vectors = new Map<string, Float32Array>()
  const placeIndexes = ['latitude', 'longitude', 'capacity'].map((name) => vectorFeatureNames.indexOf(name))
  const into = new Float32Array(vectorFeatureNames.length)
  let applied = 0
  for (const status of statuses) {
    while ((weather.observations[applied]?.polledAt ?? Number.POSITIVE_INFINITY) <= status.polledAt)
      history.applyWeather(weather.observations[applied++]!)
    const { stationId, observedAt, bikes } = status
    const outcome = history.observe(status, into)
    if (outcome !== 'vector' && outcome !== 'late') continue
    past.put(stationId, observedAt, bikes)
    if (outcome === 'late') continue
    const [latitude, longitude, capacity] = placeIndexes.map((index) => into[index]!) as [
      number,
      number,
      number,
    ]
    past.place(stationId, latitude, longitude, capacity)
    vectors.set(`${stationId}@${observedAt}`, into.slice())
    onVector(`${stationId}@${observedAt}`, into, past)
  }
  return vectors
}

const differences = (rows: Rows, row: number, names: readonly string[], expected: Float32Array): string[] =>
  names.flatMap((name, index) =>
    Object.is(rows.value(name, row), expected[index])
      ? []
      : [
          `${rows.stationId(row)}@${rows.asOf(row)} ${name}: ${rows.value(name, row)}, should be ${expected[index]}`,
        ],
  )

const assertRowsAreTheStreams = (rows: Rows): void => {
  const calendar = createCalendar(system)
  const rowsByVector = Map.groupBy(
    Array.from({ length: rows.count }, (_, row) => row),
    (row) => `${rows.stationId(row)}@${rows.asOf(row)}`,
  )
  const row = new Float32Array(modelFeatureNames.length)
  const differing: string[] = []
  let compared = 0
  vectorsOfStream((name, vector, past) => {
    for (const index of rowsByVector.get(name) ?? []) {
      const [asOf, targetAt] = [rows.asOf(index), rows.targetAt(index)]
      row.set(vector)
      const forecast = forecastAsOf(weather.forecasts, asOf)
      const inputs = { calendar, vector, asOf, targetAt, forecast, past: past.of(rows.stationId(index)) }
      writeTargetFeatures(inputs, row, vectorFeatureNames.length)
      differing.push(...differences(rows, index, modelFeatureNames, row))
      compared++
    }
  })
  assert.equal(compared, rows.count, 'the stream has every vector')
  assert.deepEqual(differing.slice(0, 20), [], `${differing.length} values differ`)
}

describe('a data set', () => {
  it('holds, bit for bit, the vectors that the stream publishes', async () => {
    const rows = await build('all.arrow')
    assert.ok(rows.count > 10_000 && rows.count <= 12_000, `${rows.count} rows`)
    assertRowsAreTheStreams(rows)
  })

  it('holds them also when only the newest part of the history is read', async () => {
    const rows = await build('newest.arrow', { historyDays: 7 })
    for (let row = 0; row < rows.count; row++) assert.ok(rows.asOf(row) >= endAt - 7 * dayMs)
    assertRowsAreTheStreams(rows)
  })

  it('holds what loops over the records find: what became of a row, and its naive forecasts', async () => {
    const rows = await build('labels.arrow')
    let departuresKnown = 0
    for (let row = 0; row < rows.count; row += 41) {
      const found = Object.fromEntries(
        Object.keys(expectedOf(rows, row)).map((name) => [name, rows.value(name, row)]),
      )
      assert.deepEqual(found, expectedOf(rows, row), `${rows.stationId(row)}@${rows.asOf(row)}`)
      if (!Number.isNaN(found.label_departures)) departuresKnown++
    }
    assert.ok(departuresKnown > 100, `${departuresKnown} rows with departures were compared`)
  })

  it('holds the same features for a moment whether or not there is a future', async () => {
    const withFuture = await build('future.arrow')
    const without = await build('without.arrow', {}, shortened.database)
    const nameOf = (rows: Rows, row: number): string =>
      `${rows.stationId(row)}@${rows.asOf(row)}+${rows.targetAt(row)}`
    const byName = new Map(
      Array.from({ length: without.count }, (_, row) => [nameOf(without, row), row] as const),
    )
    // Damped persistence is fitted on the oldest part, which is another one in a shorter history.
    const names = [...modelFeatureNames, 'naive_yesterday', 'naive_last_week', 'naive_climatology']
    let compared = 0
    for (let row = 0; row < withFuture.count; row++) {
      // A target in the last slot may have been observed before the cut or after it.
      if (withFuture.targetAt(row) > cutAt - slotMs - 2 * hourMs) continue
      const same = byName.get(nameOf(withFuture, row))
      assert.notEqual(same, undefined, `${nameOf(withFuture, row)} is missing`)
      const expected = Float32Array.from(names, (name) => withFuture.value(name, row))
      assert.deepEqual(differences(without, same!, names, expected), [])
      compared++
    }
    assert.ok(compared > 3_000, `${compared} rows were compared`)
  })

  it('is the same file, byte for byte, when it is asked for again', async () => {
    await build('once.arrow')
    await build('again.arrow')
    assert.ok(bytesOf('once.arrow').equals(bytesOf('again.arrow')))
  })

  it('made as of a moment is the same file, byte for byte, whether or not there is anything later', async () => {
    const rows = await build('until.arrow', { until: cutAt })
    await build('no-later.arrow', { until: cutAt }, shortened.database)
    for (let row = 0; row < rows.count; row++) assert.ok(rows.targetAt(row) <= cutAt)
    assert.ok(bytesOf('until.arrow').equals(bytesOf('no-later.arrow')))
  })

  it('leaves no file of waiting rows behind', () => {
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.endsWith('.rows')),
      [],
    )
  })

  it('that would be too small is refused with what to do', async () => {
    const request = requestOf('small.arrow', { until: startAt + 5 * hourMs })
    const outcome = await buildDataset(whole.database, request, () => {})
    assert.ok(!outcome.ok)
    assert.equal(outcome.code, 'too-little-history')
    assert.match(outcome.detail, /rows could be made of 0\.\d days .* 2000 rows are the least: .*backfill/)
    assert.equal(existsSync(request.outFile), false)
  })

  it('of a system that was never observed is refused, too', async () => {
    const outcome = await buildDataset(
      whole.database,
      requestOf('none.arrow', { systemId: 'nowhere' }),
      () => {},
    )
    assert.ok(!outcome.ok)
    assert.match(outcome.detail, /no observation of nowhere/)
  })
})

describe('its file', () => {
  const python = process.env.TRAINER_PYTHON
  const needsPython = python ? {} : { skip: 'TRAINER_PYTHON is not set: run `npm test`' }

  /** Resolves with the number of rows. */
  const readsAlike = async (name: string, maxRows: number): Promise<number> => {
    const rows = await build(name, { maxRows })
    const script = `
import json, sys, pyarrow as pa
table = pa.ipc.open_stream(sys.argv[1]).read_all().combine_chunks()
table.validate(full=True)
print(json.dumps({name: table[name].to_pylist() for name in table.column_names}))`
    const output = execFileSync(python!, ['-c', script, join(folder, name)], {
      maxBuffer: 512 * 1024 * 1024,
    })
    // Python writes NaN as such, which JSON does not know.
    const columns = JSON.parse(output.toString().replaceAll('NaN', 'null')) as Record<
      string,
      (string | number | null)[]
    >
    const names = [...modelFeatureNames, ...labels, ...naiveForecasts, ...naiveRates, 'bikes_now']
    assert.deepEqual(Object.keys(columns).sort(), ['station_id', 'as_of', 'target_at', ...names].sort())
    for (let row = 0; row < rows.count; row++) {
      assert.equal(columns.station_id![row], rows.stationId(row))
      assert.equal(columns.as_of![row], rows.asOf(row))
      assert.equal(columns.target_at![row], rows.targetAt(row))
      for (const name of names) {
        const value = rows.value(name, row)
        assert.ok(Object.is(columns[name]![row] ?? Number.NaN, value), `${name} of row ${row}`)
      }
    }
    return rows.count
  }

  it('is read by another Arrow library, every value of every column', needsPython, async () => {
    // Columns that share memory, ends of columns within eight bytes, and several batches are what has broken files.
    const counts = []
    for (const maxRows of [3_000, 3_050, 3_100, 3_150, 3_200, 12_000])
      counts.push(await readsAlike(`python-${maxRows}.arrow`, maxRows))
    assert.deepEqual([...new Set(counts.map((count) => count % 2))].sort(), [0, 1])
  })
})

const labels = ['label_bikes', 'label_docks', 'label_departures', 'label_arrivals']
const naiveRates = ['bike_rate', 'dock_rate', 'departures', 'arrivals'].map((name) => `naive_${name}`)
const naiveForecasts = ['persistence', 'yesterday', 'last_week', 'climatology', 'damped'].map(
  (name) => `naive_${name}`,
)

/** The same by loops over all records of a station. */
const expectedOf = (rows: Rows, row: number): Record<string, number> => {
  const [asOf, targetAt] = [rows.asOf(row), rows.targetAt(row)]
  const ofStation = statuses.filter(
    ({ stationId, polledAt }) => stationId === rows.stationId(row) && polledAt <= endAt,
  )
  const now = ofStation.findIndex(({ observedAt }) => observedAt === asOf)
  const known = ofStation.slice(0, now + 1)
  const bikesAt = (at: number, of: readonly StationStatus[]): number =>
    newestIn(slotOf(at), of)?.bikes ?? Number.NaN
  const target = newestIn(slotOf(targetAt), ofStation)!

  const daysAgo = Array.from({ length: 14 }, (_, day) => targetAt - (day + 1) * dayMs).filter(
    (at) => slotOf(at) <= slotOf(asOf),
  )
  const weeksAgo = Array.from({ length: 4 }, (_, week) => targetAt - (week + 1) * 7 * dayMs)
  const hourStart = Math.floor(targetAt / hourMs) * hourMs
  const sameHours = [1, 2, 3, 4].flatMap((week) =>
    [0, 1, 2, 3].map((quarter) => bikesAt(hourStart - week * 7 * dayMs + quarter * slotMs, known)),
  )
  const seen = sameHours.filter((bikes) => !Number.isNaN(bikes))
  const mean = seen.reduce((sum, bikes) => sum + bikes, 0) / seen.length
  return {
    label_bikes: target.bikes,
    label_docks: target.docks ?? Number.NaN,
    label_departures: departuresAt(slotOf(targetAt), ofStation),
    bikes_now: known.at(-1)!.bikes,
    naive_persistence: known.at(-1)!.bikes,
    naive_yesterday:
      daysAgo
        .slice(0, 7)
        .map((at) => bikesAt(at, known))
        .find((bikes) => !Number.isNaN(bikes)) ?? Number.NaN,
    naive_last_week: bikesAt(weeksAgo.find((at) => slotOf(at) <= slotOf(asOf))!, known),
    naive_climatology: Math.fround(mean),
  }
}

const newestIn = (slot: number, of: readonly StationStatus[]): StationStatus | undefined =>
  of
    .filter(({ observedAt }) => slotOf(observedAt) === slot)
    .sort((a, b) => a.observedAt - b.observedAt)
    .at(-1)

/** Departures as the stream's vector of that slot has them, where an hour of it was seen without a long gap. */
const departuresAt = (slot: number, of: readonly StationStatus[]): number => {
  const vectors = streamVectors()
  const departures = vectorFeatureNames.indexOf('departures_1h')
  let newestAt = Number.NEGATIVE_INFINITY
  let unbrokenSince = Number.NaN
  let found = Number.NaN
  for (const { stationId, observedAt } of of) {
    if (observedAt <= newestAt) continue
    if (observedAt - newestAt > hourMs) unbrokenSince = observedAt
    newestAt = observedAt
    if (slotOf(observedAt) === slot)
      found =
        observedAt - unbrokenSince >= hourMs
          ? vectors.get(`${stationId}@${observedAt}`)![departures]!
          : Number.NaN
  }
  return found
}

let remembered: Map<string, Float32Array> | null = null
const streamVectors = (): Map<string, Float32Array> => {
  remembered ??= vectorsOfStream()
  return remembered
}
