/** `node producers/backfill-main.ts --from 2026-01-01 --to 2026-02-05 [--system ID]`: fills in history, and ends. */
import { parseArgs } from 'node:util'
import { connectFromConfig } from '@velocast/kafka'
import {
  ConfigError,
  createLogger,
  loadConfig,
  loadSystems,
  systemClock,
  UnavailableError,
} from '@velocast/runtime'
import { backfillPolls } from './backfill/backfill-polls.ts'
import { producersConfig } from './config.ts'

const readMoments = (given: { from?: string | undefined; to?: string | undefined }) => {
  const from = Date.parse(given.from ?? '')
  const to = given.to === undefined ? Date.now() : Date.parse(given.to)
  if (Number.isFinite(from) && Number.isFinite(to) && from <= to) return { from, to }
  throw new ConfigError(['--from and --to are ISO 8601 moments, --from first; --to is now by default'])
}

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: { from: { type: 'string' }, to: { type: 'string' }, system: { type: 'string' } },
  })
  const window = readMoments(values)
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
    for (const system of systems) {
      const result = await backfillPolls({
        system,
        ...window,
        kafka,
        fetch,
        clock: systemClock,
        env: process.env,
        signal: stopping.signal,
        onProgress: ({ done, of, at }) => {
          if (process.stderr.isTTY)
            process.stderr.write(
              `\r${system.systemId}: ${done} of ${of} polls, ${new Date(at).toISOString()} `,
            )
        },
      })
      process.stdout.write(`${JSON.stringify({ systemId: system.systemId, ...result })}\n`)
    }
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
