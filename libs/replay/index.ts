export {
  type Comparison,
  compareVectors,
  type FeatureDifference,
  hasDifference,
  type VectorComparison,
} from './compare-vectors.ts'
export { keepPace } from './keep-pace.ts'
export type { ReplaySource } from './plan-reading.ts'
export { findInterrupted, type ReplayName, readCursor, removeCursor, saveCursor } from './replay-cursor.ts'
export {
  type ReadPart,
  type ReplayOptions,
  type ReplayProgress,
  type ReplayResult,
  replaySystem,
  type VectorSink,
} from './replay-system.ts'
export { type VectorWriter, type WriterOptions, writeVectors } from './write-vectors.ts'
