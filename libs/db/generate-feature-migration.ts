/**
 * Writes a migration that adds a column for each feature of the registry that has none; `--check` fails instead.
 * A feature that the registry no longer has keeps its column: old rows have values there, and new ones are NaN.
 */
import { writeFileSync } from 'node:fs'
import { vectorFeatures } from '@velocast/features'
import { type MigrationFile, migrationsFolder, readMigrations } from './migration-files.ts'

const MARK = '-- Made by generate-feature-migration.ts from the registry in libs/features.'
const TITLE = 'features'

type FeatureColumn = { readonly name: string; readonly unit: string; readonly doc: string }

/** Names of the feature columns that these migrations make. */
export const featureColumnsIn = (files: readonly Pick<MigrationFile, 'sql'>[]): Set<string> =>
  new Set(
    files
      .filter((file) => file.sql.startsWith(MARK))
      .flatMap((file) =>
        [...file.sql.matchAll(/^ {2}add column (\w+) /gm)].map((match) => match[1] as string),
      ),
  )

/** A new column costs nothing in existing chunks: a constant default is kept once, in the catalogue. */
export const featureMigration = (features: readonly FeatureColumn[]): string => {
  const columns = features.map(({ name }) => `  add column ${name} real not null default 'NaN'`)
  const comments = features.map(
    ({ name, unit, doc }) =>
      `comment on column station_features.${name} is ${quoteText(`${doc} Unit: ${unit}.`)};`,
  )
  return `${MARK}\n\nalter table station_features\n${columns.join(',\n')};\n\n${comments.join('\n')}\n`
}

const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`

const main = (args: readonly string[]): void => {
  const files = readMigrations()
  const present = featureColumnsIn(files)
  const missing = vectorFeatures.filter(({ name }) => !present.has(name))
  if (missing.length === 0) return
  if (args.includes('--check')) {
    console.error(
      `station_features has no column for ${missing.map(({ name }) => name).join(', ')}: ` +
        'run node libs/db/generate-feature-migration.ts and commit the migration it writes',
    )
    process.exitCode = 1
    return
  }
  const number = String((files.at(-1)?.number ?? 0) + 1).padStart(4, '0')
  const fileName = `${number}_${TITLE}.sql`
  writeFileSync(new URL(fileName, migrationsFolder), featureMigration(missing))
  console.log(`${fileName}: ${missing.length} columns`)
}

if (import.meta.main) main(process.argv.slice(2))
