import type { Command } from 'commander'

const HORIZONS = '15,30,60,180,360,720,1440,4320,10080'

export const addBacktest = (program: Command): void => {
  program
    .command('backtest')
    .description(
      "what accuracy would I get on this recorded city? By the product's own features, training and scoring; no server is needed",
    )
    .requiredOption(
      '--data <path>',
      'recorded snapshots: CSV or GBFS documents, also .gz, .xz, .zst, in .tar or .zip, or a folder of these; or an operator’s trips',
    )
    .option('--information <file>', 'station_information, where it is not among the data')
    .option(
      '--weather <path>',
      'CSV in Open-Meteo’s names: observed (time_utc), as issued (issued_utc, valid_utc)',
    )
    .option(
      '--weather-units <units>',
      'us (°F, inch, mph) or metric; told by the files where they have the dew point',
    )
    .option(
      '--weather-use <what>',
      'as-issued; perfect (forecasts that say what was observed: what better ones would be worth); none',
      'as-issued',
    )
    .option('--train-from <time>', 'ISO 8601, as all times; the start of the data by default')
    .option('--train-to <time>', 'a week before the test by default, less where there is little')
    .option('--test-from <time>', 'the last fifth of the data by default')
    .option('--test-to <time>', 'the end of the data by default')
    .option('--horizons <minutes>', 'multiples of 15 up to 10080, comma-separated', HORIZONS)
    .option('--system <id>', 'what to call it', 'backtest')
    .option('--time-zone <zone>', 'IANA name; that of where the stations are by default')
    .option('--country <code>', 'ISO 3166-1, for its holidays; that of the time zone by default')
    .option('--rows <n>', 'rows to train on, at most', '1200000')
    .option('--test-rows <n>', 'rows to score, at most', '450000')
    .option('--trees <n>', 'trees of each output and band, at most', '300')
    .option(
      '--boosters <names>',
      'all fit the mean, the first quantiles, the last probabilities, and counts beyond an hour',
      'lightgbm,xgboost,catboost',
    )
    .option(
      '--search-trials <n>',
      'hyper-parameters that are tried out first, on the rows that stop the fits; 0: the usual ones',
      '0',
    )
    .option('--threads <n>', 'threads that fit', '2')
    .option('--json <file>', 'every figure, for scripts; the report for people is beside it')
    .option('--report <file>', 'the report for people, HTML')
    .option('--predictions <file>', 'every scored row, as Parquet or CSV by the ending')
    .addHelpText(
      'after',
      `
Targets from --train-from to --train-to are trained on, those from --test-from to --test-to are scored. Within the training part
the newest fifth stops and calibrates the models, a week before it is left out. A week ahead takes a month of recording: of a
shorter one the horizons are scored that it is long enough for (a day ahead takes a week). The exit code is 0 whatever the verdict.`,
    )
    .action(async (options) => {
      const { runBacktestCommand } = await import('../backtest/run-backtest-command.ts')
      await runBacktestCommand(options)
    })
}
