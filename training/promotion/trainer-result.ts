/** What the trainer leaves in result.json, as far as it matters here. */
import { ModelMetrics, parseAs } from '@velocast/promotion'
import { type Static, Type } from 'typebox'

/** Of challenger and champion on the same newest rows; shares of the champion's RMSE, positive where the new one is better. */
const Comparison = Type.Object({
  days: Type.Number(),
  /** Over all rows. */
  gain: Type.Number(),
  /** The gain's lower bound at 95 %, by a bootstrap of whole days. */
  lower95: Type.Number(),
  /** The share of what came that lay within the challenger's 90 % intervals. */
  coverage90: Type.Number(),
  byBand: Type.Array(Type.Object({ upToHours: Type.Number(), gain: Type.Number() })),
})
export type Comparison = Static<typeof Comparison>

const TrainerResult = Type.Object({
  runId: Type.String(),
  modelVersion: Type.Union([Type.String(), Type.Number()]),
  artifactUri: Type.String(),
  manifestSha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  metrics: ModelMetrics,
  champion: Type.Union([
    Type.Object({ metrics: ModelMetrics, comparison: Type.Optional(Comparison) }),
    Type.Null(),
  ]),
  championReason: Type.Optional(Type.String()),
  secondsByStage: Type.Record(Type.String(), Type.Number()),
})
export type TrainerResult = Static<typeof TrainerResult>

/** Throws when the trainer left something else than was agreed. */
export const parseTrainerResult = (content: unknown): TrainerResult =>
  parseAs(TrainerResult, content, "the trainer's result")
