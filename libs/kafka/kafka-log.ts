import type { Log } from '@velocast/runtime'
import { type LogEntry, logLevel } from 'kafkajs'

/**
 * kafkajs logs each pause as news and each lost connection as an error; to us both are everyday life. What a failed
 * request means is said by whoever made it.
 */
const EVERYDAY =
  /^Response |Limiting retries|^(Pausing|Resuming) fetching|^Starting|^Stopped|Consumer has joined the group|consumer not running/

export const kafkaLog =
  (log: Log) =>
  () =>
  ({ level, namespace, log: entry }: LogEntry): void => {
    const { message, timestamp: _timestamp, logger: _logger, ...details } = entry
    const text = `${namespace}: ${message}`
    if (EVERYDAY.test(message) || level === logLevel.DEBUG) log.debug(details, text)
    else if (level === logLevel.INFO) log.info(details, text)
    else log.warn(details, text)
  }
