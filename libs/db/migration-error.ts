/** A database that cannot be brought to this version's tables, and what to do about it. */
export class MigrationError extends Error {
  override name = 'MigrationError'
}
