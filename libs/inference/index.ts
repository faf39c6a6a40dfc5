export type { BundleManifest } from './bundle-format.ts'
export { type ArtifactSource, artifactAddress, fetchArtifact, fetchArtifactTo } from './fetch-artifact.ts'
export {
  type ForecastStationInput,
  forecastStation,
  forecastStations,
  type StationForecast,
  type StationKnowledge,
  type StationToForecast,
  writeModelRows,
} from './forecast-station.ts'
export { type ModelColumns, modelColumnsOf } from './model-columns.ts'
export {
  type Bundle,
  type OpenBundleOptions,
  type OpenedBundle,
  type OpeningStep,
  openBundle,
  type RefusalReason,
} from './open-bundle.ts'
export { type OpenBundleFolderOptions, openBundleFolder } from './open-bundle-folder.ts'
export { type ForecastQuantity, type ForecastValues, forecastQuantities } from './post-process.ts'
export { type Outputs, type Scorer, ScorerUnavailableError } from './scorer.ts'
export { takeShortSlices } from './short-slices.ts'
export { letHelpersStepBack } from './step-back.ts'
