export { createTestDatabase, type TestDatabase } from './create-test-database.ts'
export { createTestKafka, type RawRecord, type TestKafka } from './create-test-kafka.ts'
export { generateStatus, generateWeather, type ReadingsOptions, seededRandom } from './generate-readings.ts'
export {
  type CommandAnswer,
  type CommandLine,
  type CommandRequest,
  openCommandLine,
} from './open-command-line.ts'
export { type Gate, openGate } from './open-gate.ts'
export { openTraceReceiver, type ReceivedSpan, type TraceReceiver } from './open-trace-receiver.ts'
export { silentLog } from './silent-log.ts'
export { type SpawnedService, spawnService } from './spawn-service.ts'
export { type TestStack, testStack } from './test-stack.ts'
export { waitFor } from './wait-for.ts'
