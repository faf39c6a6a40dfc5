import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { MigrationError } from './migration-error.ts'

/** The TimescaleDB edition: `apache` has hypertables; `timescale`, the full one, also compression, policies and continuous aggregates. */
export type Edition = 'apache' | 'timescale'

export interface MigrationFile {
  /** `0003_weather`, or `0009_compression.full` for what runs on the full edition only. */
  readonly name: string
  readonly number: number
  readonly onlyOn: Edition | null
  readonly sql: string
  /** Hex. */
  readonly sha256: string
}

export const migrationsFolder = new URL('./migrations/', import.meta.url)

const FILE_NAME = /^(\d{4})_[a-z0-9_]+(\.full)?\.sql$/

/** The numbered files of a folder in their order. Throws a MigrationError on a name out of the pattern or a number used twice. */
export const readMigrations = (folder: URL = migrationsFolder): MigrationFile[] => {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => readMigration(folder, name))
  const twice = files.find((file, index) => files[index - 1]?.number === file.number)
  if (twice)
    throw new MigrationError(
      `two migrations have the number of ${twice.name}: give the newer one the next number`,
    )
  return files
}

const readMigration = (folder: URL, fileName: string): MigrationFile => {
  const match = FILE_NAME.exec(fileName)
  if (!match)
    throw new MigrationError(
      `${fileName} is not a migration's name: they are NNNN_title.sql, or NNNN_title.full.sql`,
    )
  const sql = readFileSync(new URL(fileName, folder), 'utf8')
  return {
    name: fileName.slice(0, -'.sql'.length),
    number: Number(match[1]),
    onlyOn: match[2] ? 'timescale' : null,
    sql,
    sha256: createHash('sha256').update(sql).digest('hex'),
  }
}
