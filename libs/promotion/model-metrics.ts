/** The figures that the trainer writes into a bundle's manifest. */
import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'

const nullableNumber = Type.Union([Type.Number(), Type.Null()])
const Scores = Type.Object({
  rows: Type.Number(),
  rmse: nullableNumber,
  mae: nullableNumber,
  coverage90: nullableNumber,
})

export const ModelMetrics = Type.Object({
  overall: Scores,
  byHorizon: Type.Array(Type.Object({ upToHours: Type.Number(), ...Scores.properties })),
})
export type ModelMetrics = Static<typeof ModelMetrics>

/** The metrics in a bundle's manifest. */
export const parseModelMetrics = (content: unknown): ModelMetrics =>
  parseAs(ModelMetrics, content, "the model's metrics")

/** Throws, naming `what`, when the content is not of the schema. */
export const parseAs = <T extends TSchema>(schema: T, content: unknown, what: string): Static<T> => {
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
