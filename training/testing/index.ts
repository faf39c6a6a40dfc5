export { aliasOf, forgetModels, versionsOf } from './mlflow-models.ts'
export { registerVersion } from './register-version.ts'
