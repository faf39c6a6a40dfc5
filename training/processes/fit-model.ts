import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fingerprintOf, modelFeatureNames } from '@velocast/features'
import { type System, UnavailableError } from '@velocast/runtime'
import type { TrainingTrigger } from '@velocast/schemas'
import { parseTrainerResult, type TrainerResult } from '../promotion/trainer-result.ts'
import type { TrainingTelemetry } from '../telemetry.ts'
import { DEPENDENCY_AWAY, TrainingFailure } from '../training-failure.ts'
import { SEED, type SearchBounds, SPLIT, type TrainingSettings } from '../training-settings.ts'
import { runJsonProcess } from './run-json-process.ts'
import { trainerEnvironment } from './trainer-environment.ts'

export interface FitModelOptions {
  settings: TrainingSettings
  telemetry: TrainingTelemetry
  system: System
  trigger: TrainingTrigger
  folder: string
  /** From `makeDataset`. */
  dataset: string
  /** The champion's bundle; null when there is none to compare with. */
  championFolder: string | null
  signal: AbortSignal
}

/** The one place where they are declared; the number of trees is the installation's. */
export const HYPER_PARAMETERS = {
  leaves: 63,
  minRowsPerLeaf: 200,
  learningRate: 0.08,
  featureFraction: 0.7,
} as const
/** Where a search looks, the least and the most of each. It begins with those above. */
export const SEARCH_SPACE = {
  leaves: [15, 127],
  minRowsPerLeaf: [50, 800],
  learningRate: [0.03, 0.2],
  featureFraction: [0.4, 1],
} as const satisfies Record<keyof typeof HYPER_PARAMETERS, readonly [number, number]>
const EXPERIMENT = 'velocast'
const trainerFolder = resolve(import.meta.dirname, '../trainer')

/** What the trainer is asked to look for; null of no trials. */
export const searchOf = ({ trials, minutes }: SearchBounds) =>
  trials === 0 ? null : { trials, minutes, space: SEARCH_SPACE }

/**
 * Has a model fitted, checked and registered by the Python package in trainer/. Asked again for the same trigger, it
 * resolves with the version that is registered already.
 */
export const fitModel = async (options: FitModelOptions): Promise<TrainerResult> => {
  const { settings, telemetry, system, trigger, folder, championFolder, signal } = options
  const outDir = join(folder, 'out')
  const requestFile = join(folder, 'request.json')
  const request = {
    format: 2,
    systemId: system.systemId,
    modelName: system.modelName,
    trainedAt: trigger.triggeredAt,
    seed: SEED,
    threads: settings.threads,
    dataset: options.dataset,
    outDir,
    features: modelFeatureNames,
    fingerprint: fingerprintOf(modelFeatureNames),
    horizonFeature: 'horizon_hours',
    split: SPLIT,
    params: { trees: settings.trees, ...HYPER_PARAMETERS },
    boosters: settings.boosters,
    search: searchOf(settings.search),
    dataLicence: system.dataLicence ?? null,
    mlflow: { trackingUri: settings.mlflowUrl, experiment: EXPERIMENT },
    champion: championFolder === null ? null : { bundleDir: championFolder },
    tags: { 'velocast.trigger': trigger.triggerId, 'velocast.system': system.systemId },
  }
  await writeFile(requestFile, JSON.stringify(request, null, 2))
  const { exitCode, detail } = await runJsonProcess({
    command: settings.trainerPython,
    args: ['-m', 'velocast_trainer', 'fit', '--request', requestFile],
    cwd: trainerFolder,
    env: trainerEnvironment,
    signal,
    timeoutMs: settings.timeoutMs,
    onStart: (pid) => telemetry.childStarted(system.systemId, 'trainer', pid),
    onEvent: (event) => telemetry.progress(system.systemId, event),
    onLogLine: telemetry.childSaid,
  })
  if (exitCode === DEPENDENCY_AWAY) throw new UnavailableError('MLflow', new Error(detail))
  if (exitCode !== 0) throw new TrainingFailure(`the trainer ended with exit code ${exitCode}: ${detail}`)
  return parseTrainerResult(JSON.parse(await readFile(join(outDir, 'result.json'), 'utf8')))
}
