export {
  type Comparison,
  compareVectors,
  type FeatureDifference,
  hasDifference,
  type VectorComparison,
} from './compare-vectors.ts'
export type { ReplaySource } from './plan-reading.ts'
export {
  type ReadPart,
  type ReplayOptions,
  type ReplayProgress,
  type ReplayResult,
  replaySystem,
  type VectorSink,
} from './replay-system.ts'
