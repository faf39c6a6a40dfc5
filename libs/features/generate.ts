/**
 * Writes what is derived from the declarations of the features: the Avro schema of `station-features` and
 * `docs/features.md`. `--check` writes nothing, and fails when one of them is out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Feature } from './feature.ts'
import { fingerprintOf, modelFeatureNames } from './registry.ts'
import { dayMs, hourMs, maxLatenessMs, warmUpMs } from './slots.ts'
import { targetFeatures } from './target-features.ts'
import { vectorFeatures } from './vector-features.ts'
import { spanName } from './windows.ts'

const time = { type: 'long', logicalType: 'timestamp-millis' }

const schema = {
  type: 'record',
  name: 'StationFeatures',
  namespace: 'io.velocast',
  doc: 'The feature vector of a station at asOf.',
  fields: [
    { name: 'systemId', type: 'string', doc: "The operator's feed." },
    { name: 'stationId', type: 'string', doc: "The station, as the operator's feed names it." },
    {
      name: 'asOf',
      type: time,
      doc: "The moment whose knowledge it holds: the observation's observedAt.",
    },
    { name: 'polledAt', type: time, doc: 'When that observation was read.' },
    {
      name: 'features',
      type: {
        type: 'record',
        name: 'FeatureVector',
        doc: 'One float a feature; NaN where it is not known. Made from the declarations in libs/features.',
        // A default makes a new feature a compatible change. It has to be a number; that an older record does not know
        // the feature is seen from its writer's schema.
        fields: vectorFeatures.map(({ name, doc, unit }) => ({
          name,
          type: 'float',
          default: 0,
          doc: `${doc} Unit: ${unit}.`,
        })),
      },
      doc: 'The vector.',
    },
  ],
}

const tableOf = (features: readonly Feature[]): string =>
  [
    '| feature | unit | window | what | formula | missing when | version |',
    '|---|---|---|---|---|---|---|',
    ...features.map(
      ({ name, unit, windowMs, doc, formula, missingWhen, version }) =>
        `| \`${name}\` | ${unit} | ${windowMs ? spanName(windowMs) : ''} | ${doc} | ${formula} | ${missingWhen} | ${version} |`,
    ),
  ].join('\n')

const page = `# Features

Made from the declarations in \`libs/features/families\` by \`node libs/features/generate.ts\`. Change those, then run it again.

History lies on a grid of slots of 15 minutes; an observation belongs to the nearest slot, and a slot's level is that of
its newest observation. A slot without an observation is missing: nothing is carried forward. A window of *n* slots is the
newest slot, still open, and the *n* − 1 before it. A missing value is NaN, never −0. All values are 32-bit floats.

A vector is a function of what had become known up to its observation. An observation that comes up to ${maxLatenessMs / hourMs} h late is taken in
as if it had come in time, and the station's vectors after it are made again. What a vector holds of *other* stations is
what was known of them in the slot before its own when it was made: so the order within a poll does not matter. No feature
remembers more than ${warmUpMs / dayMs} days.

## The vector: what is known at \`asOf\` (${vectorFeatures.length})

${tableOf(vectorFeatures)}

## The target: what depends on the moment that is forecast (${targetFeatures.length})

A model's row is the vector and then these.

${tableOf(targetFeatures)}

## Considered, and left out

| what | why |
|---|---|
| the share of 1 h, 6 h, 24 h and 168 h that has been observed | no output of a model of Bay Wheels loses more than 0.03 % without one of them (\`velocast_trainer importance\`, November 2022): that of 3 h and 672 h says it |
| changes over 6 h and 12 h; the bikes less their climatology | the difference of two features: see [decision 20](decisions/0020-what-no-model-gains-by-is-left-out.md), as is true of the four that follow |
| departures and arrivals of e-bikes within 3 h | those within 1 h, and all within 3 h |
| climatology of the hour that follows; bikes in the target's hour a week before | the climatology at the target, and the level a week before it |
| change of the system's fill within 24 h; the day after a holiday | nothing |
| the season | no history that a model is fitted on is a year long: the models can only carry it on wrongly |
| exposure minutes over 1 h | \`empty_share_1h\` and \`full_share_1h\` say the same of an hour that has been observed |
| how many of the four weeks the climatology knows | nearly \`known_share_672h\` |
| climatology of departures and arrivals | another 28 days of totals a station; their forecasts have the windows over 24 h |
| climatology at the target | it needs 28 days of each station in the predictor |
| distance of the neighbours | the same for ever at a station, which latitude and longitude tell apart already |
| share of all stations that are full | in step with \`system_fill\`, for a system's docks are more than its bikes |
| change of the wind | the forecast at the target tells what the wind will be |
| age of the station | it would remember for ever |

Fingerprint of a model's row: \`${fingerprintOf(modelFeatureNames)}\`
`

const files = [
  { path: 'schemas/avro/station-features.avsc', text: `${JSON.stringify(schema, null, 2)}\n` },
  { path: 'docs/features.md', text: page },
]

for (const { path, text } of files) {
  const file = new URL(`../../${path}`, import.meta.url)
  if (!process.argv.includes('--check')) writeFileSync(file, text)
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`${path} is out of date: run \`node libs/features/generate.ts\``)
    process.exitCode = 1
  }
}
