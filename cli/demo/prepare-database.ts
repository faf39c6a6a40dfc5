import { quoteName } from '@velocast/db'
import { migrateDatabase, withDatabase } from '../setup/connect.ts'

/** Creates a database beside the stack's, if need be, and all tables. Resolves with its address. */
export const prepareDatabase = async (serverUrl: string, name: string): Promise<string> => {
  await withDatabase(serverUrl, async (server) => {
    const { rows } = await server.query('select 1 from pg_database where datname = $1', [name])
    if (rows.length === 0) await server.query(`create database ${quoteName(name)}`)
  })
  const address = new URL(serverUrl)
  address.pathname = `/${name}`
  await migrateDatabase(address.href)
  return address.href
}
