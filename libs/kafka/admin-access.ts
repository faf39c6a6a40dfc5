import { UnavailableError } from '@velocast/runtime'
import type { Admin, Kafka } from 'kafkajs'
import { isKafkaError } from './is-kafka-error.ts'

export interface AdminAccess {
  /** Does `work` with a connected admin client, made anew after a failure. Throws UnavailableError when the broker is away. */
  use: <T>(work: (admin: Admin) => Promise<T>) => Promise<T>
  close: () => Promise<void>
}

export const createAdminAccess = (kafka: Kafka): AdminAccess => {
  let admin: Promise<Admin> | null = null
  const open = async (): Promise<Admin> => {
    const fresh = kafka.admin({ retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1_000 } })
    await fresh.connect()
    return fresh
  }
  return {
    async use(work) {
      admin ??= open()
      const mine = admin
      try {
        return await work(await mine)
      } catch (error) {
        if (admin === mine) admin = null
        mine.then((opened) => opened.disconnect()).catch(() => {})
        throw isKafkaError(error) ? new UnavailableError('Kafka', error) : error
      }
    },
    async close() {
      await admin?.then((opened) => opened.disconnect()).catch(() => {})
    },
  }
}
