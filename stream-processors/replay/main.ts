/**
 * `node stream-processors/replay/main.ts --compare|--write --from 2026-11-01 [--to 2026-12-01] [--system ID]`: one replay,
 * its report as a line of JSON. Exit codes: 0 done and nothing differs, 1 something differs or went wrong, 2 misunderstood, 3
 * the broker or the database is away.
 */
import { parseArgs } from 'node:util'
import { openDatabase } from '@velocast/db'
import { connectFromConfig } from '@velocast/kafka'
import { hasDifference } from '@velocast/replay'
import {
  ConfigError,
  createLogger,
  loadConfig,
  loadSystems,
  systemClock,
  UnavailableError,
} from '@velocast/runtime'
import { replayConfig } from './config.ts'
import { defaultRate, readRate, readSource, readWindow } from './read-window.ts'
import { type ReplayRequest, replayDatabase, runReplay } from './run-replay.ts'

const readRequest = (systemsFile: string): ReplayRequest => {
  const { values } = parseArgs({
    options: {
      system: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      compare: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      source: { type: 'string', default: 'auto' },
      rate: { type: 'string', default: defaultRate },
    },
  })
  if (values.compare === values.write) throw new ConfigError(['one of --compare and --write is needed'])
  const systems = loadSystems(systemsFile).filter(
    ({ systemId }) => values.system === undefined || systemId === values.system,
  )
  const [system] = systems
  if (!system || systems.length > 1)
    throw new ConfigError([`--system must name one of the systems in ${systemsFile}`])
  return {
    mode: values.compare ? 'compare' : 'write',
    system,
    ...readWindow(values, systemClock.now()),
    source: readSource(values.source),
    rowsPerSecond: readRate(values.rate),
  }
}

const main = async (): Promise<void> => {
  const config = loadConfig(replayConfig, process.env)
  const request = readRequest(config.SYSTEMS_FILE)
  const log = createLogger('replay', config.LOG_LEVEL)
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => stopping.abort(new Error(`stopped by ${signal}; run it again to go on`)))
  const kafka = connectFromConfig(config, { clientId: 'velocast-replay', clock: systemClock, log })
  const database = openDatabase({ url: config.DATABASE_URL, log, ...replayDatabase })
  try {
    const report = await runReplay(request, {
      kafka,
      database,
      clock: systemClock,
      signal: stopping.signal,
      onWait: (detail) => log.warn({ detail }, 'waiting'),
    })
    process.stdout.write(`${JSON.stringify(report)}\n`)
    if (report.comparison && hasDifference(report.comparison)) process.exitCode = 1
  } finally {
    await Promise.all([kafka.close(), database.close()])
  }
}

try {
  await main()
} catch (error) {
  process.stderr.write(`replay: ${(error as Error).message}\n`)
  process.exitCode = error instanceof ConfigError ? 2 : error instanceof UnavailableError ? 3 : 1
}
