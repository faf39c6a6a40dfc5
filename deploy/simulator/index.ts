export type { GbfsVersion } from './feed/gbfs-documents.ts'
export type { Faults } from './http/faults.ts'
export { AS_OF_HEADER } from './http/serve.ts'
export { type Clock, createSimulatedClock, type SimulatedClockOptions } from './simulated-clock.ts'
export {
  type CityFeedSettings,
  type RecordedFeedSettings,
  type Simulator,
  type SimulatorInfo,
  type SimulatorOptions,
  startSimulator,
} from './start-simulator.ts'
