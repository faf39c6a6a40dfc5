export { trainingConfig } from './config.ts'
export { createMlflowStages, type MlflowStages } from './promotion/mlflow-stages.ts'
export { trainingService } from './service.ts'
