/** What a bundle's files hold, as the trainer writes them. A bundle is named by the SHA-256 of its manifest. */
import { type Static, type TSchema, Type } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'

export const manifestPath = 'manifest.json'
export const graphPath = 'model.onnx'
export const goldenPath = 'golden.json'

const sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' })

const Curves = Type.Array(Type.Array(Type.Number()), {
  description: 'by horizon, along curveAt: the probabilities that are served',
})
const FlowInterval = Type.Object(
  {
    mean: Type.Array(Type.Number(), { minItems: 1 }),
    lower: Type.Array(Type.Number()),
    upper: Type.Array(Type.Number()),
  },
  { description: 'the 5 % and 95 % quantiles of a count, by its mean' },
)

export const BundleManifest = Type.Object({
  format: Type.Literal(2),
  systemId: Type.String(),
  modelName: Type.String(),
  trainedAt: Type.Number({ description: 'epoch milliseconds' }),
  features: Type.Array(Type.String(), { minItems: 1, description: "the graph's columns, in order" }),
  fingerprint: sha256,
  horizonFeature: Type.String(),
  maxHorizonHours: Type.Number({ exclusiveMinimum: 0 }),
  outputs: Type.Array(
    Type.Object({
      name: Type.String(),
      kind: Type.Union([Type.Literal('change'), Type.Literal('value'), Type.Literal('probability')], {
        description: 'change: to be added to the bikes now',
      }),
      quantity: Type.String(),
    }),
    { minItems: 1 },
  ),
  calibration: Type.Object(
    {
      horizonHours: Type.Array(Type.Number(), { minItems: 1 }),
      meanShare: Type.Array(Type.Number(), { description: 'of the forecast change, that is kept' }),
      medianShare: Type.Array(Type.Number(), { description: 'below a half: no change is served' }),
      lower: Type.Array(Type.Number(), { description: 'bikes to be added to the 5 % quantile' }),
      upper: Type.Array(Type.Number(), { description: 'bikes to be added to the 95 % quantile' }),
      lowerShare: Type.Optional(
        Type.Array(Type.Number(), {
          description: 'of the distance between the two, to be added to the 5 % quantile, too',
        }),
      ),
      upperShare: Type.Optional(
        Type.Array(Type.Number(), { description: '… and to the 95 % quantile; older models have neither' }),
      ),
      curveAt: Type.Array(Type.Number(), {
        minItems: 2,
        description: 'probabilities as the graph says them',
      }),
      bikeCurve: Curves,
      dockCurve: Curves,
      departures: FlowInterval,
      arrivals: FlowInterval,
    },
    { description: 'lists along the horizons, ascending; linear between them' },
  ),
  files: Type.Array(
    Type.Object({
      path: Type.String({ pattern: '^[A-Za-z0-9_-][A-Za-z0-9._-]*$', description: 'no folders' }),
      sha256,
      bytes: Type.Integer({ minimum: 0 }),
    }),
  ),
})
export type BundleManifest = Static<typeof BundleManifest>

const Known = Type.Array(Type.Union([Type.Number(), Type.Null()]), { description: 'null = unknown' })

export const GoldenRows = Type.Object({
  tolerance: Type.Number({ minimum: 0 }),
  rows: Type.Array(Type.Array(Type.Union([Type.Number(), Type.Null()]), { description: 'null = missing' }), {
    minItems: 1,
  }),
  outputs: Type.Record(Type.String(), Type.Array(Type.Number())),
  now: Type.Object(
    { named_hours: Known, bikes: Known, docks: Known, capacity: Known },
    { description: 'what the forecasts start from' },
  ),
  forecasts: Type.Record(Type.String(), Known, { description: 'what is made of the outputs' }),
})
export type GoldenRows = Static<typeof GoldenRows>

/** The outputs without which there is no forecast. */
export const requiredOutputs = [
  { name: 'bikes_mean', kind: 'change' },
  { name: 'bikes_q05', kind: 'change' },
  { name: 'bikes_q50', kind: 'change' },
  { name: 'bikes_q95', kind: 'change' },
  { name: 'p_bike', kind: 'probability' },
  { name: 'p_dock', kind: 'probability' },
  { name: 'departures_mean', kind: 'value' },
  { name: 'arrivals_mean', kind: 'value' },
] as const

/** The manifest in `content`. Throws an error that says what is wrong with it. */
export const parseManifest = (content: Buffer): BundleManifest => {
  const manifest = parseAs(BundleManifest, content, manifestPath)
  const { horizonHours, curveAt, departures, arrivals, ...tables } = manifest.calibration
  if (Object.values(tables).some((table) => table.length !== horizonHours.length))
    throw new Error(`${manifestPath}: calibration's lists differ in length`)
  if ([...tables.bikeCurve, ...tables.dockCurve].some((curve) => curve.length !== curveAt.length))
    throw new Error(`${manifestPath}: calibration's curves differ in length`)
  for (const { mean, lower, upper } of [departures, arrivals])
    if (lower.length !== mean.length || upper.length !== mean.length)
      throw new Error(`${manifestPath}: calibration's intervals differ in length`)
  if (horizonHours.some((hours, index) => index > 0 && hours <= (horizonHours[index - 1] as number)))
    throw new Error(`${manifestPath}: calibration's horizons do not ascend`)
  for (const { name, kind } of requiredOutputs) {
    const found = manifest.outputs.find((output) => output.name === name)
    if (found?.kind !== kind) throw new Error(`${manifestPath}: there is no output "${name}" of kind ${kind}`)
  }
  return manifest
}

/** The golden rows in `content`. Throws an error that says what is wrong with them. */
export const parseGoldenRows = (content: Buffer, manifest: BundleManifest): GoldenRows => {
  const golden = parseAs(GoldenRows, content, goldenPath)
  for (const [index, row] of golden.rows.entries())
    if (row.length !== manifest.features.length)
      throw new Error(
        `${goldenPath}: row ${index} has ${row.length} values for ${manifest.features.length} features`,
      )
  for (const [name, values] of Object.entries({ ...golden.now, ...golden.forecasts }))
    if (values.length !== golden.rows.length)
      throw new Error(`${goldenPath}: "${name}" has not one value a row`)
  for (const { name } of manifest.outputs)
    if (golden.outputs[name]?.length !== golden.rows.length)
      throw new Error(`${goldenPath}: output "${name}" has not one value a row`)
  return golden
}

/** Compiled: walking the schema for each of some thousand numbers would hold up the caller's thread a hundred times as long. */
const validators = new Map<TSchema, Validator>()
const validatorOf = (schema: TSchema): Validator => {
  const validator = validators.get(schema) ?? Compile(schema)
  validators.set(schema, validator)
  return validator
}

const parseAs = <T extends TSchema>(schema: T, content: Buffer, path: string): Static<T> => {
  let value: unknown
  try {
    value = JSON.parse(content.toString('utf8'))
  } catch (error) {
    throw new Error(`${path} is not JSON: ${(error as Error).message}`)
  }
  const validator = validatorOf(schema)
  if (validator.Check(value)) return value as Static<T>
  const [first] = validator.Errors(value)
  throw new Error(`${path}${first?.instancePath ?? ''}: ${first?.message ?? 'is not as agreed'}`)
}
