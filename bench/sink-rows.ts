/**
 * Rows of station_features a second through the sink's path, beside bare binary COPY of the same rows into a hypertable
 * like it, in the same run. The path is: vectors to rows, newest of each key, COPY into the stage, idempotent upsert,
 * durable commit; once with decoding the Avro records, once without, and once more as a replay that changes nothing.
 *
 *   DATABASE_URL=… node bench/sink-rows.ts [--json] [--rounds 5]
 *
 * The ways take turns in every round, and ratios are medians of rounds, since what else runs on the machine weighs on all.
 */
import { parseArgs } from 'node:util'
import { vectorFeatureNames } from '@velocast/features'
import { type StationVector, schemaText, valueReader, valueWriter } from '@velocast/schemas'
import { newestRows, sinkTables, upsertRows } from '@velocast/sinks'
import { createTestDatabase, generateStatus, seededRandom } from '@velocast/testkit'

const { values: args } = parseArgs({
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '5' } },
})

const sizes = [
  { stations: 60, rowsABatch: 2_000, batches: 6 },
  { stations: 2_400, rowsABatch: 10_000, batches: 2 },
]
type Size = (typeof sizes)[number]

const table = sinkTables.find((each) => each.table === 'station_features')!
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

const medianOf = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!

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
  const sink = (records: readonly StationVector[]): Promise<number> =>
    upsertRows(database, table, newestRows(table, records))
  const empty = () => database.query('truncate station_features, bare_copy')

  /** Rows a second of each way, one after the other; the replay finds what the way before it wrote. */
  const runRound = async (size: Size, seed: number) => {
    const encoded = encodedBatches(size, seed)
    const decoded = encoded.map(decodeBatch)
    const rows = decoded.map((batch) => batch.flatMap(table.rowsFrom))
    await empty()
    const copySeconds = await secondsOf(rows, (batch) => database.copyInto('bare_copy', table.columns, batch))
    await empty()
    const sinkSeconds = await secondsOf(decoded, sink)
    await empty()
    const sinkWithDecodingSeconds = await secondsOf(encoded, (batch) => sink(decodeBatch(batch)))
    const replaySeconds = await secondsOf(decoded, sink)
    const count = size.rowsABatch * size.batches
    return {
      copy: count / copySeconds,
      sink: count / sinkSeconds,
      sinkWithDecoding: count / sinkWithDecodingSeconds,
      replay: count / replaySeconds,
    }
  }

  const measured = []
  for (const size of sizes) {
    await runRound(size, 0)
    const rounds: Awaited<ReturnType<typeof runRound>>[] = []
    for (let round = 1; round <= Number(args.rounds); round++) rounds.push(await runRound(size, round))
    const rateOf = (name: keyof (typeof rounds)[number]) =>
      Math.round(medianOf(rounds.map((round) => round[name])))
    const ratioOf = (name: keyof (typeof rounds)[number]) =>
      Math.round(100 * medianOf(rounds.map((round) => round[name] / round.copy))) / 100
    measured.push({
      ...size,
      copyRowsPerSecond: rateOf('copy'),
      sinkRowsPerSecond: rateOf('sink'),
      sinkRatio: ratioOf('sink'),
      sinkWithDecodingRowsPerSecond: rateOf('sinkWithDecoding'),
      sinkWithDecodingRatio: ratioOf('sinkWithDecoding'),
      replayRowsPerSecond: rateOf('replay'),
      replayRatio: ratioOf('replay'),
    })
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
      `${result.features} features a row; rows/s, and the share of bare COPY's, medians of ${args.rounds} rounds`,
    )
    for (const each of measured) {
      console.log(`${each.stations} stations, batches of ${each.rowsABatch.toLocaleString('en')}:`)
      const line = (what: string, rate: number, ratio: number) =>
        console.log(`  ${what.padEnd(24)}${rate.toLocaleString('en').padStart(9)}  ${ratio.toFixed(2)}`)
      line('bare COPY', each.copyRowsPerSecond, 1)
      line('sink', each.sinkRowsPerSecond, each.sinkRatio)
      line('sink, with decoding', each.sinkWithDecodingRowsPerSecond, each.sinkWithDecodingRatio)
      line('replay, nothing new', each.replayRowsPerSecond, each.replayRatio)
    }
  }
} finally {
  await drop()
}
