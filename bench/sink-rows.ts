/**
 * Rows of station_features a second through the sink's path, beside bare binary COPY of the same rows into a hypertable
 * like it, in the same run. The path is: decoded vectors, newest of each key, rows, idempotent write, durable commit.
 *
 *   DATABASE_URL=… node bench/sink-rows.ts [--json] [--rounds 5]
 *
 * Measured for new rows with and without decoding of the Avro records; for new rows when the sink has met known ones a
 * moment ago, and so upserts; and for a replay that changes nothing.
 *
 * The ways take turns in every round, and ratios are medians of rounds, since what else runs on the machine weighs on all.
 */
import { parseArgs } from 'node:util'
import { createRowWriter, distinctRows, topicTables, upsertRows } from '@velocast/db'
import { vectorFeatureNames } from '@velocast/features'
import { type StationVector, schemaText, valueReader, valueWriter } from '@velocast/schemas'
import { createTestDatabase, generateStatus, seededRandom } from '@velocast/testkit'
import { medianOf } from './median.ts'

const { values: args } = parseArgs({
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '5' } },
})

const sizes = [
  { stations: 60, rowsABatch: 2_000, batches: 6 },
  { stations: 2_400, rowsABatch: 10_000, batches: 2 },
]
type Size = (typeof sizes)[number]

const table = topicTables.stationFeatures
const decode = valueReader('station-features', schemaText('station-features'))
const encode = valueWriter('station-features')

/** Batches as a partition hands them over: poll after poll of one city. */
const encodedBatches = (size: Size, seed: number): Buffer[][] => {
  const random = seededRandom(seed)
  const rows = size.rowsABatch * size.batches
  const polls = Math.ceil(rows / size.stations)
  const records = [...generateStatus({ seed, stations: size.stations, polls })]
    .slice(0, rows)
    .map((status) => {
      const vector = Float32Array.from(vectorFeatureNames, () => random() * 50)
      const { systemId, stationId, observedAt: asOf, polledAt } = status
      return encode({ systemId, stationId, asOf, polledAt, names: vectorFeatureNames, vector })
    })
  return Array.from({ length: size.batches }, (_, index) =>
    records.slice(index * size.rowsABatch, (index + 1) * size.rowsABatch),
  )
}

const WAYS = {
  copy: 'bare COPY',
  fresh: 'new rows',
  freshWithDecoding: 'new rows, with decoding',
  upserted: 'new rows, by upsert',
  replayed: 'known rows',
}
type Rates = Record<keyof typeof WAYS, number>

const mapValues = (rates: Rates, map: (rate: number, name: keyof Rates) => number): Rates =>
  Object.fromEntries(
    (Object.keys(WAYS) as (keyof Rates)[]).map((name) => [name, map(rates[name], name)]),
  ) as Rates

const { database, drop } = await createTestDatabase()
try {
  await database.query('create table bare_copy (like station_features including all)')
  await database.query(
    `select create_hypertable('bare_copy', by_range('as_of', interval '1 day'), create_default_indexes => false)`,
  )
  const secondsOf = async <T>(
    batches: readonly T[],
    write: (batch: T) => Promise<unknown>,
  ): Promise<number> => {
    const startedAt = performance.now()
    for (const batch of batches) await write(batch)
    return (performance.now() - startedAt) / 1000
  }
  const decodeBatch = (batch: readonly Buffer[]): StationVector[] =>
    batch.map((bytes) => decode(bytes) as StationVector)
  const rowsOf = (records: readonly StationVector[]) => distinctRows(table, records)
  const upsert = (records: readonly StationVector[]) => upsertRows(database, table, rowsOf(records))
  const empty = () => database.query('truncate station_features, bare_copy')

  /** Rows a second of each way; the replay finds what the way before it wrote. */
  const runRound = async (size: Size, seed: number) => {
    const encoded = encodedBatches(size, seed)
    const decoded = encoded.map(decodeBatch)
    const rows = decoded.map((batch) => batch.flatMap(table.rowsFrom))
    const writeRows = createRowWriter(database)
    const sink = (records: readonly StationVector[]) => writeRows(table, rowsOf(records))
    await empty()
    const copy = await secondsOf(rows, (batch) => database.copyInto('bare_copy', table.columns, batch))
    await empty()
    const fresh = await secondsOf(decoded, sink)
    await empty()
    const freshWithDecoding = await secondsOf(encoded, (batch) => sink(decodeBatch(batch)))
    await empty()
    const upserted = await secondsOf(decoded, upsert)
    const replayed = await secondsOf(decoded, sink)
    const seconds = { copy, fresh, freshWithDecoding, upserted, replayed }
    return mapValues(seconds, (each) => (size.rowsABatch * size.batches) / each)
  }

  const measured = []
  for (const size of sizes) {
    await runRound(size, 0)
    const rounds: Rates[] = []
    for (let round = 1; round <= Number(args.rounds); round++) rounds.push(await runRound(size, round))
    const shares = rounds.map((round) => mapValues(round, (rate) => rate / round.copy))
    const medians = (of: readonly Rates[], digits: number): Rates =>
      mapValues(of[0]!, (_, name) => Number(medianOf(of.map((each) => each[name])).toFixed(digits)))
    measured.push({ ...size, rowsPerSecond: medians(rounds, 0), ratioToCopy: medians(shares, 2) })
  }
  const result = {
    name: 'sink-rows',
    features: vectorFeatureNames.length,
    rounds: Number(args.rounds),
    measured,
  }

  if (args.json) console.log(JSON.stringify(result))
  else {
    console.log(
      `${result.features} features a row; rows/s, and the ratio to bare COPY, medians of ${args.rounds} rounds`,
    )
    for (const { stations, rowsABatch, rowsPerSecond, ratioToCopy } of measured) {
      console.log(`${stations} stations, batches of ${rowsABatch.toLocaleString('en')}:`)
      for (const [name, what] of Object.entries(WAYS) as [keyof Rates, string][])
        console.log(
          `  ${what.padEnd(26)}${rowsPerSecond[name].toLocaleString('en').padStart(9)}  ${ratioToCopy[name].toFixed(2)}`,
        )
    }
  }
} finally {
  await drop()
}
