export type { BacktestReport } from './backtest/backtest-report.ts'
export { type BacktestOptions, type BacktestStage, runBacktest } from './backtest/run-backtest.ts'
export { trainingConfig } from './config.ts'
export { createMlflowStages, type MlflowStages, type RegisteredVersion } from './promotion/mlflow-stages.ts'
export {
  type PromoteVersionOptions,
  promoteVersion,
  readChampion,
  type VersionPromotion,
} from './promotion/promote-version.ts'
export { trainingService } from './service.ts'
export { TrainingFailure } from './training-failure.ts'
