export { connectKafka } from './connect-kafka.ts'
export { partitionOf } from './partition-of.ts'
export type * from './types.ts'
