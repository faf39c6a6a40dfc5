import { type Database, migrate, openDatabase } from '@velocast/db'
import { connectFromConfig, type KafkaClient } from '@velocast/kafka'
import { createLogger, type Log, systemClock } from '@velocast/runtime'
import { serversIn } from './service-environment.ts'

/** What goes wrong is said by the command that it goes wrong for; with VELOCAST_DEBUG the libraries speak too. */
export const commandLog = (): Log => createLogger('velocast', process.env.VELOCAST_DEBUG ? 'debug' : 'silent')

export const connectToKafka = (env: Record<string, string>): KafkaClient => {
  const config = serversIn(env)
  return connectFromConfig(config, { clientId: 'velocast-cli', clock: systemClock, log: commandLog() })
}

export const withDatabase = async <T>(url: string, work: (database: Database) => Promise<T>): Promise<T> => {
  const database = openDatabase({ url, log: commandLog(), applicationName: 'velocast', max: 2 })
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}

export const migrateDatabase = (url: string): Promise<{ applied: readonly string[]; edition: string }> =>
  withDatabase(url, (database) => migrate(database))

export const prepareTopics = async (kafka: KafkaClient): Promise<{ created: string[] }> => {
  const result = await kafka.createTopics()
  await kafka.registerSchemas()
  return result
}
