/** What the trainer leaves in result.json, as far as it matters here. */
import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'

const nullableNumber = Type.Union([Type.Number(), Type.Null()])
const Scores = Type.Object({
  rows: Type.Number(),
  rmse: nullableNumber,
  mae: nullableNumber,
  coverage90: nullableNumber,
})

const ModelMetrics = Type.Object({
  overall: Scores,
  byHorizon: Type.Array(Type.Object({ upToHours: Type.Number(), ...Scores.properties })),
})
export type ModelMetrics = Static<typeof ModelMetrics>

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

/** The metrics in a bundle's manifest. */
export const parseModelMetrics = (content: unknown): ModelMetrics =>
  parseAs(ModelMetrics, content, "the model's metrics")

const parseAs = <T extends TSchema>(schema: T, content: unknown, what: string): Static<T> => {
  if (Value.Check(schema, content)) return content
  const mistakes = [...Value.Errors(schema, content)].map(
    ({ instancePath, message }) => `${instancePath} ${message}`,
  )
  throw new Error(`not as agreed: ${what}: ${mistakes.join('; ')}`)
}

/** Every number of the metrics under a flat name, such as `rmse` and `rmse_1h`: for events and records. */
export const flatMetrics = ({ overall, byHorizon }: ModelMetrics): Record<string, number> =>
  Object.fromEntries([
    ...numbersOf(overall, ''),
    ...byHorizon.flatMap(({ upToHours, ...scores }) => numbersOf(scores, `_${upToHours}h`)),
  ])

const numbersOf = (scores: Record<string, unknown>, suffix: string): [string, number][] =>
  Object.entries(scores).flatMap(([name, value]): [string, number][] =>
    typeof value === 'number' && Number.isFinite(value) ? [[`${snakeCase(name)}${suffix}`, value]] : [],
  )

const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
