export { sqlStateOf } from './database-trouble.ts'
export { type ColumnType, type CopyColumn, type CopyRow, columnNames } from './encode-rows.ts'
export {
  firstPolledAt,
  type HistoryRange,
  readForecasts,
  readStatuses,
  readWeather,
} from './history/read-history.ts'
export { type MigrationReport, migrate, pendingMigrations, requireMigrated } from './migrate.ts'
export { MigrationError } from './migration-error.ts'
export {
  type Database,
  type DatabaseOptions,
  openDatabase,
  type QueryResult,
  type Session,
} from './open-database.ts'
export { quoteName } from './quote-name.ts'
export { createRowWriter } from './rows/create-row-writer.ts'
export { distinctRows } from './rows/distinct-rows.ts'
export { upsertRows } from './rows/upsert-rows.ts'
export type { TopicTable } from './tables/topic-table.ts'
export { topicTables } from './tables/topic-tables.ts'
