/**
 * Rows of station_features a second by `velocast replay --write` from the log, as it is deployed, beside bare COPY of the very
 * same rows, from a file into a table like it, in the same run; and its memory at twice the stations.
 *
 *   KAFKA_BROKERS=… SCHEMA_REGISTRY_URL=… DATABASE_URL=… … node bench/replay.ts [--json] [--full | --shares 0.05,0.5]
 *
 * A month of a city of 2,300 stations polled every quarter of an hour is 6.8 million rows. By default a twentieth and half
 * of it are written; --full writes all of it, and needs 20 GB of disk. The processor time beside the seconds tells what
 * limits: the replay's own process, or the server.
 */
import {
  createReadStream,
  createWriteStream,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { topicTables } from '@velocast/db'
import { topics } from '@velocast/schemas'
import { createTestDatabase, createTestKafka, generateStatus, spawnService } from '@velocast/testkit'
import pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'

const { values: args } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    shares: { type: 'string', default: '0.05,0.5' },
  },
})

const POLLS_A_MONTH = 31 * 96
const CITY = 2_300
const shares = args.full ? [1] : args.shares.split(',').map(Number)
const MEMORY_STATIONS = [CITY / 2, CITY] as const
const MEMORY_POLLS = 96
const main = new URL('../stream-processors/replay/main.ts', import.meta.url)
const systemId = 'replayed-city'
const { table } = topicTables.stationFeatures

const folder = mkdtempSync(join(tmpdir(), 'velocast-bench-'))
const systemsFile = join(folder, 'systems.json')
writeFileSync(
  systemsFile,
  JSON.stringify({
    systems: [
      {
        systemId,
        gbfs: 'http://127.0.0.1/gbfs.json',
        timeZone: 'Europe/Oslo',
        country: 'NO',
        latitude: 59.9,
        longitude: 10.7,
      },
    ],
  }),
)

interface City {
  stations: number
  polls: number
}

interface Measured {
  rows: number
  seconds: number
  /** Of the replay's process. */
  cpuSeconds: number
  rssMb: number
}

const CLOCK_TICKS_A_SECOND = 100
const processorSecondsOf = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_A_SECOND
}
/** Throws once the process has ended: what is left of it has no memory. */
const largestRssMbOf = (pid: number): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024

/** Replays a generated city into an empty table, and hands the database over before it is dropped. */
const replayCity = async (
  { stations, polls }: City,
  afterwards: (databaseUrl: string, rows: number) => Promise<number>,
): Promise<Measured & { copySeconds: number }> => {
  const [broker, made] = await Promise.all([createTestKafka(), createTestDatabase()])
  try {
    const producer = await broker.kafka.openProducer()
    let batch = []
    for (const value of generateStatus({ seed: 1, systemId, stations, polls })) {
      batch.push({ topic: topics.stationStatus, value })
      if (batch.length < 10_000) continue
      await producer.send(batch)
      batch = []
    }
    await producer.send(batch)
    await producer.close()

    const from = new Date(Date.now() - (polls + 96) * 15 * 60_000).toISOString()
    const to = new Date(Date.now() + 60 * 60_000).toISOString()
    const replay = spawnService(
      main,
      { ...broker.env, DATABASE_URL: made.url, SYSTEMS_FILE: systemsFile, LOG_LEVEL: 'warn' },
      ['--write', '--source', 'log', '--rate', 'max', '--from', from, '--to', to],
    )
    let [cpuSeconds, rssMb] = [0, 0]
    const timer = setInterval(() => {
      try {
        rssMb = largestRssMbOf(replay.pid)
        cpuSeconds = processorSecondsOf(replay.pid)
      } catch {
        // It has ended.
      }
    }, 100)
    await replay.exited
    clearInterval(timer)
    const report = replay.events().find(({ mode }) => mode === 'write') as
      | { vectors: number; seconds: number }
      | undefined
    if (report?.vectors !== stations * polls)
      throw new Error(`${report?.vectors} vectors, not ${stations * polls}: ${replay.lines().join('\n')}`)
    const copySeconds = await afterwards(made.url, report.vectors)
    return { rows: report.vectors, seconds: report.seconds, cpuSeconds, rssMb, copySeconds }
  } finally {
    await Promise.all([broker.close(), made.drop()])
  }
}

/** Seconds that bare COPY takes for the rows of the table, by one connection. */
const copySameRows = async (databaseUrl: string): Promise<number> => {
  const file = join(folder, 'rows.copy')
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query(`create table bare_copy (like ${table} including all)`)
    await client.query(
      `select create_hypertable('bare_copy', by_range('as_of', interval '1 day'), create_default_indexes => false)`,
    )
    const rows = `(select * from ${table} order by polled_at)`
    await pipeline(client.query(copyTo(`copy ${rows} to stdout (format binary)`)), createWriteStream(file))
    const startedAt = performance.now()
    await pipeline(
      createReadStream(file, { highWaterMark: 256 * 1024 }),
      client.query(copyFrom('copy bare_copy from stdin (format binary)')),
    )
    return (performance.now() - startedAt) / 1000
  } finally {
    await client.end()
    rmSync(file, { force: true })
  }
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits))

try {
  const measured = []
  for (const share of shares) {
    const polls = Math.round(POLLS_A_MONTH * share)
    const { rows, seconds, copySeconds, cpuSeconds, rssMb } = await replayCity(
      { stations: CITY, polls },
      copySameRows,
    )
    measured.push({
      stations: CITY,
      rows,
      seconds: rounded(seconds, 1),
      cpuSeconds: rounded(cpuSeconds, 1),
      rssMb: Math.round(rssMb),
      rowsPerSecond: { replay: Math.round(rows / seconds), bareCopy: Math.round(rows / copySeconds) },
      ratioToBareCopy: rounded(copySeconds / seconds, 2),
      monthSeconds: Math.round((CITY * POLLS_A_MONTH * seconds) / rows),
    })
  }
  const rss = []
  for (const stations of MEMORY_STATIONS) {
    const { rssMb } = await replayCity({ stations, polls: MEMORY_POLLS }, async () => 0)
    rss.push({ stations, rssMb: Math.round(rssMb) })
  }
  const result = {
    name: 'replay',
    measured,
    rss,
    rssRatioAtTwiceTheStations: rounded(rss[1]!.rssMb / rss[0]!.rssMb, 2),
  }
  if (args.json) console.log(JSON.stringify(result))
  else {
    for (const { rows, seconds, cpuSeconds, rssMb, rowsPerSecond, ratioToBareCopy, monthSeconds } of measured)
      console.log(
        `${rows} rows in ${seconds} s (${cpuSeconds} s of processor, ${rssMb} MB): ${rowsPerSecond.replay} rows/s, ` +
          `bare COPY ${rowsPerSecond.bareCopy} rows/s, ratio ${ratioToBareCopy}; a month takes ${monthSeconds} s`,
      )
    console.log(
      `memory at ${rss.map(({ stations, rssMb }) => `${stations} stations ${rssMb} MB`).join(', at ')}: ratio ${result.rssRatioAtTwiceTheStations}`,
    )
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
