export { connectKafka } from './connect-kafka.ts'
export { partitionOf } from './partition-of.ts'
export { retryUntilAvailable } from './retry-until-available.ts'
export type * from './types.ts'
