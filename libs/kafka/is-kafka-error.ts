import { UnavailableError } from '@velocast/runtime'

export type KafkaError = Error & { type?: string; retriable?: boolean }

/** kafkajs's own errors: it handles those itself when they are thrown out of a handler (rejoin, reconnect, try again). */
export const isKafkaError = (error: unknown): error is KafkaError =>
  error instanceof Error && error.name.startsWith('KafkaJS')

/** The broker does not answer, or is not yet what it will be: any kafkajs error of an administrative request. */
export const asUnavailable = (error: unknown): unknown =>
  isKafkaError(error) ? new UnavailableError('Kafka', error) : error
