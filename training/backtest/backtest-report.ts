/** What the trainer says of a backtest, as far as it is presented; the rest of each horizon's figures go along as they are. */
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

const Figure = Type.Union([Type.Number(), Type.Null()])
const byNaive = Type.Union([Type.Record(Type.String(), Figure), Type.Null()])

const HorizonScores = Type.Object({
  minutes: Type.Number(),
  rows: Type.Number(),
  comparedRows: Type.Number(),
  rmse: Figure,
  mae: Figure,
  r2: Figure,
  mape: Figure,
  coverage90: Figure,
  stationsCovered85: Figure,
  winkler: Figure,
  winklerRatio: Figure,
  brierSkillBike: Figure,
  brierSkillDock: Figure,
  eceBike: Figure,
  eceDock: Figure,
  naiveRmse: byNaive,
  naiveMae: byNaive,
  bestNaive: Type.Union([Type.String(), Type.Null()]),
  rmseToBestNaive: Figure,
  maeToBestNaive: Figure,
  departuresRmse: Figure,
  departuresRmseOfClimatology: Figure,
  departuresRmseToClimatology: Figure,
  departuresCoverage90: Figure,
  arrivalsRmse: Figure,
  arrivalsRmseToClimatology: Figure,
})
export type HorizonScores = Static<typeof HorizonScores>

const Errors = { rows: Type.Number(), rmse: Figure, mae: Figure }
const Bin = Type.Object({ said: Type.Number(), happened: Type.Number(), rows: Type.Number() })

const BacktestResult = Type.Object({
  manifestSha256: Type.String(),
  bundleDir: Type.String(),
  rows: Type.Number(),
  horizons: Type.Array(HorizonScores),
  /** Of the rows of all horizons. */
  overall: Type.Object({ coverage90: Figure, stationsCovered85: Figure, winklerRatio: Figure }),
  byHour: Type.Array(Type.Object({ hourUtc: Type.Number(), ...Errors })),
  bySize: Type.Array(Type.Object({ size: Type.String(), ...Errors })),
  reliability: Type.Object({ bike: Type.Array(Bin), dock: Type.Array(Bin) }),
  bands: Type.Array(
    Type.Object({
      upToHours: Type.Number(),
      rmse: Type.Record(Type.String(), Type.Number()),
      taken: Type.Array(Type.String()),
    }),
  ),
  parity: Type.Object({
    rows: Type.Number(),
    maxAbsDifference: Type.Number(),
    overOneThousandth: Type.Number(),
  }),
  secondsByStage: Type.Record(Type.String(), Type.Number()),
  peakRssMb: Type.Number(),
})
export type BacktestReport = Static<typeof BacktestResult>

/** Throws when the trainer left something else than was agreed. */
export const parseBacktestResult = (content: unknown): BacktestReport => {
  if (Value.Check(BacktestResult, content)) return content
  const mistakes = [...Value.Errors(BacktestResult, content)].map(
    ({ instancePath, message }) => `${instancePath} ${message}`,
  )
  throw new Error(`not as agreed: the result of the backtest: ${mistakes.join('; ')}`)
}
