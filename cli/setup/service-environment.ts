import { join } from 'node:path'
import { stackEnvironment } from '@velocast/local-stack'
import { configFragments, loadConfig } from '@velocast/runtime'
import { Type } from 'typebox'
import { dataFolder } from '../folders.ts'
import { stackAddresses } from '../stack/open-stack.ts'
import { CommandError } from '../terminal/until-interrupted.ts'

const serversConfig = Type.Object({
  ...configFragments.kafka,
  ...configFragments.database,
  ...configFragments.mlflow,
})

export type ServersConfig = ReturnType<typeof serversIn>

/**
 * The variables that services are started with: those of this process, and for servers that it does not name, the local
 * stack's. Throws when neither says where they are.
 */
export const serviceEnvironment = async (): Promise<Record<string, string>> => {
  const addresses = await stackAddresses()
  const own = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
  const env: Record<string, string> = {
    SYSTEMS_FILE: join(dataFolder, 'systems.json'),
    CACHE_FOLDER: join(dataFolder, 'cache'),
    WORK_FOLDER: join(dataFolder, 'training'),
    ...(addresses ? stackEnvironment(addresses) : {}),
    ...own,
  }
  if (!('DATABASE_URL' in env))
    throw new CommandError(
      'no servers: `velocast stack up` starts local ones; or name yours in KAFKA_BROKERS, SCHEMA_REGISTRY_URL, DATABASE_URL and MLFLOW_TRACKING_URI',
    )
  return env
}

export const serversIn = (env: Record<string, string>) => loadConfig(serversConfig, env)
