import { migrate, openDatabase, quoteName } from '@velocast/db'
import type { KafkaClient } from '@velocast/kafka'
import type { Log } from '@velocast/runtime'

/** Creates the demo's own database beside the stack's, if need be, and all tables. Resolves with its address. */
export const prepareDatabase = async (serverUrl: string, name: string, log: Log): Promise<string> => {
  const server = openDatabase({ url: serverUrl, log, applicationName: 'velocast demo', max: 1 })
  try {
    const { rows } = await server.query('select 1 from pg_database where datname = $1', [name])
    if (rows.length === 0) await server.query(`create database ${quoteName(name)}`)
  } finally {
    await server.close()
  }
  const address = new URL(serverUrl)
  address.pathname = `/${name}`
  const database = openDatabase({ url: address.href, log, applicationName: 'velocast migrate', max: 1 })
  try {
    await migrate(database)
  } finally {
    await database.close()
  }
  return address.href
}

export const prepareTopics = async (kafka: KafkaClient): Promise<void> => {
  await kafka.createTopics()
  await kafka.registerSchemas()
}
