export { type Champions, followChampions } from './follow-champions.ts'
export { createMlflowStages, type MlflowStages, type RegisteredVersion } from './mlflow-stages.ts'
export { flatMetrics, ModelMetrics, parseAs, parseModelMetrics } from './model-metrics.ts'
export {
  type PromoteVersionOptions,
  promoteVersion,
  readChampion,
  type VersionPromotion,
} from './promote-version.ts'
