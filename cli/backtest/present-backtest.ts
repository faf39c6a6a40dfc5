import type { BacktestReport } from '@velocast/training'
import { horizonName, type Verdict } from './verdict.ts'

type Horizon = BacktestReport['horizons'][number]

const NAIVE = ['persistence', 'yesterday', 'last_week', 'climatology', 'damped'] as const

const number = (value: number | null | undefined, digits: number): string =>
  value === null || value === undefined ? '–' : value.toFixed(digits)

interface Column {
  head: string
  of: (horizon: Horizon) => string
}

export const columns: readonly Column[] = [
  { head: 'ahead', of: ({ minutes }) => horizonName(minutes) },
  { head: 'rows', of: ({ rows }) => rows.toLocaleString('en') },
  { head: 'RMSE', of: ({ rmse }) => number(rmse, 3) },
  ...NAIVE.map((name) => ({
    head: name === 'last_week' ? 'last week' : name,
    of: ({ naiveRmse }: Horizon) => number(naiveRmse?.[name], 3),
  })),
  { head: 'ratio', of: ({ rmseToBestNaive }) => number(rmseToBestNaive, 3) },
  { head: 'MAE', of: ({ mae }) => number(mae, 3) },
  { head: 'ratio', of: ({ maeToBestNaive }) => number(maeToBestNaive, 3) },
  { head: 'cover', of: ({ coverage90 }) => number(coverage90, 3) },
  { head: 'Winkler', of: ({ winklerRatio }) => number(winklerRatio, 3) },
  { head: 'BSS bike', of: ({ brierSkillBike }) => number(brierSkillBike, 3) },
  { head: 'BSS dock', of: ({ brierSkillDock }) => number(brierSkillDock, 3) },
  { head: 'ECE bike', of: ({ eceBike }) => number(eceBike, 4) },
  { head: 'ECE dock', of: ({ eceDock }) => number(eceDock, 4) },
  { head: 'departures', of: ({ departuresRmse }) => number(departuresRmse, 3) },
  { head: 'ratio', of: ({ departuresRmseToClimatology }) => number(departuresRmseToClimatology, 3) },
]

/** The table, a line a horizon, and what each column is. */
export const presentBacktest = ({ horizons, overall }: BacktestReport, verdict: Verdict): string[] => {
  const cells = [
    columns.map(({ head }) => head),
    ...horizons.map((each) => columns.map(({ of }) => of(each))),
  ]
  const widths = columns.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)))
  const lines = cells.map((row) => row.map((cell, column) => cell.padStart(widths[column]!)).join('  '))
  return [
    ...lines,
    '',
    'RMSE is of the mean, MAE of the median, in bikes; beside them the five naive forecasts on the same rows, and the ratio to the best.',
    'cover: of the 90 % interval. Winkler: its score beside that of ±15 %. BSS: Brier skill beside climatology. ECE: calibration error.',
    'departures: RMSE of the hour that ends at the target, beside climatology.',
    `all horizons: coverage ${number(overall.coverage90, 3)}, Winkler ${number(overall.winklerRatio, 3)}; covered 85 % of the time: ${number(overall.stationsCovered85, 3)} of the stations.`,
    '',
    verdict.missed.length === 0
      ? `✓ all ${verdict.demands} demands are met`
      : `✗ ${verdict.demands - verdict.missed.length} of ${verdict.demands} demands are met; these are not:`,
    ...verdict.missed.map((each) => `  ${each}`),
  ]
}

/** As scripts read it. */
export const backtestJson = (
  report: BacktestReport,
  about: { system: string; seconds: number; peakRssMb: number; [more: string]: unknown },
  verdict: Verdict,
): Record<string, unknown> => ({
  ...about,
  rows: report.rows,
  overall: report.overall,
  horizons: report.horizons.map(({ naiveRmse, naiveMae, rmseToBestNaive, maeToBestNaive, ...figures }) => ({
    ...figures,
    naive: Object.fromEntries(
      NAIVE.map((name) => [
        name === 'last_week' ? 'lastWeek' : name,
        { rmse: naiveRmse?.[name] ?? null, mae: naiveMae?.[name] ?? null },
      ]),
    ),
    ratio: { rmse: rmseToBestNaive, mae: maeToBestNaive },
  })),
  departures: report.horizons.map((each) => ({
    minutes: each.minutes,
    rmse: each.departuresRmse,
    climatologyRmse: each.departuresRmseOfClimatology,
    ratio: each.departuresRmseToClimatology,
  })),
  byHour: report.byHour,
  bySize: report.bySize,
  reliability: report.reliability,
  bands: report.bands,
  parity: report.parity,
  secondsByStage: report.secondsByStage,
  manifestSha256: report.manifestSha256,
  verdict,
})
