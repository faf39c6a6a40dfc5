import type { Command } from 'commander'
import { addTripsBackfill } from './backfill-trips.ts'

const DAY_MS = 24 * 60 * 60 * 1000
/** Months of weather at many places are megabytes, which a free service is not quick with. */
const WEATHER_BUDGET_MS = 120_000

export const addBackfill = (program: Command): void => {
  const backfill = program
    .command('backfill')
    .description('history in: from a feed that answers for past moments, recorded snapshots, or trips')
    .addHelpText(
      'after',
      '\nEach can be stopped at any moment and run again: it goes on where the log ends, and publishes nothing twice.',
    )
  addFeed(backfill)
  addStatus(backfill)
  addTripsBackfill(backfill)
  addWeather(backfill)
}

const addFeed = (backfill: Command): void => {
  backfill
    .command('feed', { isDefault: true })
    .description(
      'from a feed that answers for past moments (the simulator, a recording that is played); the default',
    )
    .option('--system <id>', 'the system; needed when several are followed')
    .option('--from <time>', 'ISO 8601; 35 days ago by default')
    .option('--to <time>', 'ISO 8601; now by default')
    .action(async ({ system, from, to }) => {
      const { backfillPolls } = await import('@velocast/producers')
      const { momentIn, runBackfill } = await import('../backfill/run-backfill.ts')
      const window = { from: momentIn(from), to: momentIn(to) }
      await runBackfill({ wanted: system }, async ({ system, kafka, clock, step, signal }) => {
        const now = clock.now()
        const result = await backfillPolls({
          system,
          from: window.from ?? now - 35 * DAY_MS,
          to: window.to ?? now,
          kafka,
          fetch,
          clock,
          env: process.env,
          onProgress: ({ done, of, published }) =>
            step.at(done / Math.max(1, of), `${published} observations`),
          signal,
        })
        const summary = `${result.published} records published from ${result.polls} polls, ${result.failed} of which failed; ${result.resumed} polls were there already`
        return { result, lines: [summary] }
      })
    })
}

const addStatus = (backfill: Command): void => {
  backfill
    .command('status <files...>')
    .description(
      'from recorded snapshots: CSV, GBFS documents (one a file or one a line), also .gz, .xz, .zst, in .tar or .zip, or folders of these',
    )
    .option('--system <id>', 'the system; needed when several are followed')
    .option('--from <time>', 'ISO 8601; all by default')
    .option('--to <time>', 'ISO 8601; all by default')
    .option('--json', 'the result as a line of JSON')
    .addHelpText(
      'after',
      `
CSV needs columns for the moment of the snapshot (snapshot_ts, timestamp, fetched_at, …), station_id and num_bikes_available,
and takes the other fields of station_status. Times are epoch seconds or milliseconds, or written out (UTC where they name no
zone). station_information documents beside them say where the stations are and how large.`,
    )
    .action(async (paths: string[], { system, from, to, json }) => {
      const { backfillStatus } = await import('@velocast/producers')
      const { momentIn, requireFiles, runBackfill } = await import('../backfill/run-backfill.ts')
      const { describeStatusBackfill } = await import('../backfill/describe-status-backfill.ts')
      requireFiles(paths)
      const window = { from: momentIn(from), to: momentIn(to) }
      await runBackfill({ wanted: system, json }, async ({ system, kafka, clock, step, signal, say }) => {
        const result = await backfillStatus({
          systemId: system.systemId,
          paths,
          ...(window.from === undefined ? {} : { from: window.from }),
          ...(window.to === undefined ? {} : { to: window.to }),
          kafka,
          clock,
          signal,
          onNotice: say,
          onProgress: ({ share, at, observations }) =>
            step.at(share, `${new Date(at).toISOString().slice(0, 16)}Z, ${observations} observations`),
        })
        return { result, lines: describeStatusBackfill(system.systemId, result) }
      })
    })
}

const addWeather = (backfill: Command): void => {
  backfill
    .command('weather')
    .description(
      'from Open-Meteo: the hourly weather of the past and, of the last three months, what was forecast; for snapshots and trips',
    )
    .option('--system <id>', 'the system; needed when several are followed')
    .requiredOption('--from <time>', 'ISO 8601')
    .option('--to <time>', 'ISO 8601; now by default')
    .option('--json', 'the result as a line of JSON')
    .action(async ({ system, from, to, json }) => {
      const { backfillWeather, openHttpClient } = await import('@velocast/producers')
      const { momentIn, runBackfill } = await import('../backfill/run-backfill.ts')
      const window = { from: momentIn(from) ?? 0, to: momentIn(to) }
      await runBackfill({ wanted: system, json }, async ({ system, kafka, clock, step, signal }) => {
        const http = openHttpClient({
          clock,
          signal,
          budgetMs: WEATHER_BUDGET_MS,
          contact: process.env.FEED_CONTACT,
        })
        try {
          const result = await backfillWeather({
            system,
            from: window.from,
            to: window.to ?? clock.now(),
            request: http.request,
            kafka,
            clock,
            signal,
            onProgress: ({ share, at, published }) =>
              step.at(share, `${new Date(at).toISOString().slice(0, 10)}, ${published} records`),
          })
          const { observations, forecasts } = result
          const summary = `${observations} hours of weather and ${forecasts} forecasts published; published again, they change nothing`
          const refusal = result.withoutForecasts ? [`no forecasts: ${result.withoutForecasts}`] : []
          return { result, lines: [summary, ...refusal] }
        } finally {
          await http.close()
        }
      })
    })
}
