/**
 * Fills in history, and ends. What it did is one line of JSON on standard output.
 *
 *   node producers/backfill-main.ts [feed] --from 2026-01-01 [--to 2026-02-05] [--system ID]
 *   node producers/backfill-main.ts status --system ID [--from …] [--to …] FILES…
 *   node producers/backfill-main.ts trips --system ID [--stations MAP.csv] [--reconstruct] FILES…
 */
import { parseArgs } from 'node:util'
import { connectFromConfig, type KafkaClient } from '@velocast/kafka'
import {
  ConfigError,
  createLogger,
  loadConfig,
  loadSystems,
  type System,
  systemClock,
  UnavailableError,
} from '@velocast/runtime'
import { backfillPolls } from './backfill/backfill-polls.ts'
import { backfillStatus } from './backfill/backfill-status.ts'
import { backfillTrips } from './backfill/backfill-trips.ts'
import { producersConfig } from './config.ts'
import { readStationIds } from './trips/read-station-ids.ts'

interface Task {
  systems: readonly System[]
  paths: readonly string[]
  /** A mapping file of station ids. */
  stations: string | null
  /** Whether levels are reconstructed from trips. */
  reconstruct: boolean
  from: number | null
  to: number | null
  kafka: KafkaClient
  signal: AbortSignal
}

const showProgress = (line: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r${line} `)
}
const onNotice = (notice: string): void => void process.stderr.write(`${notice}\n`)
const isoTime = (at: number): string => new Date(at).toISOString()

const feed = async function* ({ systems, from, to, kafka, signal }: Task): AsyncGenerator<object> {
  if (from === null) throw new ConfigError(['--from says where history begins, as an ISO 8601 moment'])
  for (const system of systems) {
    const result = await backfillPolls({
      system,
      from,
      to: to ?? Date.now(),
      kafka,
      fetch,
      clock: systemClock,
      env: process.env,
      signal,
      onProgress: ({ done, of, at }) =>
        showProgress(`${system.systemId}: ${done} of ${of} polls, ${isoTime(at)}`),
    })
    yield { systemId: system.systemId, ...result }
  }
}

const status = async function* ({ systems, paths, from, to, kafka, signal }: Task): AsyncGenerator<object> {
  const { systemId } = onlySystem(systems)
  const result = await backfillStatus({
    systemId,
    paths,
    ...(from === null ? {} : { from }),
    ...(to === null ? {} : { to }),
    kafka,
    clock: systemClock,
    signal,
    onNotice,
    onProgress: ({ share, at }) => showProgress(`${Math.floor(share * 100)} %, ${isoTime(at)}`),
  })
  yield { systemId, ...result }
}

const trips = async function* ({
  systems,
  paths,
  stations,
  reconstruct,
  kafka,
  signal,
}: Task): AsyncGenerator<object> {
  const system = onlySystem(systems)
  const result = await backfillTrips({
    system,
    paths,
    ...(stations === null ? {} : { stationIds: await readStationIds(stations) }),
    reconstruct,
    kafka,
    clock: systemClock,
    signal,
    onNotice,
    onProgress: ({ share, trips: read }) => showProgress(`${Math.floor(share * 100)} %, ${read} trips`),
  })
  yield { systemId: system.systemId, ...result }
}

const tasks = { feed, status, trips } as const

const onlySystem = (systems: readonly System[]): System => {
  if (systems.length === 1) return systems[0]!
  throw new ConfigError(['--system says whose files these are'])
}

const momentIn = (text: string | undefined, name: string): number | null => {
  if (text === undefined) return null
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw new ConfigError([`${name} is an ISO 8601 moment, not "${text}"`])
  return at
}

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    options: {
      from: { type: 'string' },
      to: { type: 'string' },
      system: { type: 'string' },
      stations: { type: 'string' },
      reconstruct: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  })
  const [name = 'feed', ...paths] = positionals
  if (!(name in tasks)) throw new ConfigError([`there is no "${name}": ${Object.keys(tasks).join(', ')}`])
  if (name !== 'feed' && paths.length === 0)
    throw new ConfigError([`${name} needs the files, or a folder of them`])
  const from = momentIn(values.from, '--from')
  const to = momentIn(values.to, '--to')
  if (from !== null && from > (to ?? Date.now())) throw new ConfigError(['--from lies before --to'])
  const config = loadConfig(producersConfig, process.env)
  const systems = loadSystems(config.SYSTEMS_FILE).filter(
    ({ systemId }) => values.system === undefined || systemId === values.system,
  )
  if (systems.length === 0)
    throw new ConfigError([`${config.SYSTEMS_FILE} names no system "${values.system ?? ''}"`])
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => stopping.abort(new Error(`stopped by ${signal}; run it again to go on`)))
  const kafka = connectFromConfig(config, {
    clientId: 'velocast-backfill',
    clock: systemClock,
    log: createLogger('backfill', config.LOG_LEVEL),
  })
  try {
    const { stations = null, reconstruct } = values
    const task = { systems, paths, stations, reconstruct, from, to, kafka, signal: stopping.signal }
    for await (const result of tasks[name as keyof typeof tasks](task))
      process.stdout.write(`${JSON.stringify(result)}\n`)
  } finally {
    await kafka.close()
  }
}

try {
  await main()
} catch (error) {
  process.stderr.write(`backfill: ${(error as Error).message}\n`)
  process.exitCode = error instanceof ConfigError ? 2 : error instanceof UnavailableError ? 3 : 1
}
