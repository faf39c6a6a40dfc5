import type { Command } from 'commander'

export const addTripsBackfill = (backfill: Command): void => {
  backfill
    .command('trips <files...>')
    .description(
      "from an operator's trip files (Citi Bike, Bluebikes, Divvy, Capital Bikeshare, Bay Wheels and alike): CSV, also .gz, .xz, .zst, in .zip or .tar, or folders of these",
    )
    .option('--system <id>', 'the system; needed when several are followed')
    .option('--stations <file>', "CSV of two columns: a station's id in the trips, and in the feed")
    .option(
      '--reconstruct',
      'also how many bikes stations held, where there are reports to begin with; marked, and in no feature',
    )
    .option('--json', 'the result as a line of JSON')
    .addHelpText(
      'after',
      `
Departures and arrivals of each station by the hour. Times without an offset are of the system's zone. Stations are found in the
feed by id, by name and position (50 m), or by position (20 m). Name months that follow each other together: arrivals of the
first day belong in part to trips of the month before.`,
    )
    .action(async (paths: string[], { system: wanted, stations, reconstruct, json }) => {
      const { backfillTrips, readStationIds } = await import('@velocast/producers')
      const { requireFiles, runBackfill } = await import('../backfill/run-backfill.ts')
      requireFiles(stations === undefined ? paths : [...paths, stations])
      const { describeTripsBackfill } = await import('../backfill/describe-trips-backfill.ts')
      await runBackfill({ wanted, json }, async ({ system, kafka, clock, step, signal, say }) => {
        const result = await backfillTrips({
          system,
          paths,
          ...(stations === undefined ? {} : { stationIds: await readStationIds(stations) }),
          reconstruct,
          kafka,
          clock,
          signal,
          onNotice: say,
          onProgress: ({ share, trips, published }) =>
            step.at(share, `${trips} trips, ${published} hours of stations`),
        })
        return { result, lines: describeTripsBackfill(result) }
      })
    })
}
