/**
 * The keys of `api-keys`, followed by every replica: what is created or revoked holds on all of them as soon as the record
 * is read. They are kept on the disk too, so that a start while Kafka is away still knows them.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Follower, KafkaClient, ReceivedRecord } from '@velocast/kafka'
import { type ApiKey, allSystems, topics } from '@velocast/schemas'
import { writeFileWhole } from '../write-file-whole.ts'
import { createKeyTable, type KeyTable } from './key-table.ts'

export interface FollowedKeys extends Pick<KeyTable, 'get'> {
  /** All that was in the topic at the start is known: a key that is not known is none. */
  readonly isComplete: () => boolean
  readonly follower: Follower
}

export interface FollowKeysOptions {
  kafka: Pick<KafkaClient, 'follow'>
  cacheFolder: string
  /** The disk is a help and never a condition. */
  onDiskFailed: (what: string, error: unknown) => void
}

export const followKeys = async (options: FollowKeysOptions): Promise<FollowedKeys> => {
  const { kafka, cacheFolder, onDiskFailed } = options
  const path = join(cacheFolder, 'api-keys.json')
  const table = createKeyTable()
  try {
    for (const key of await readKeys(path)) table.put(key)
  } catch (error) {
    onDiskFailed('restoring the keys', error)
  }
  let isComplete = false
  const follower = await kafka.follow({
    topics: [topics.apiKeys],
    from: 'beginning',
    systemIds: [allSystems],
    onRecords: async (records) => {
      for (const { value } of records as readonly ReceivedRecord<ApiKey>[]) table.put(value)
      await writeFileWhole(path, JSON.stringify(table.all())).catch((error) =>
        onDiskFailed('keeping the keys', error),
      )
    },
  })
  follower.caughtUp.then(
    () => {
      isComplete = true
    },
    () => {},
  )
  return { get: table.get, isComplete: () => isComplete, follower }
}

const readKeys = async (path: string): Promise<ApiKey[]> => {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
