import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type System, UnavailableError } from '@velocast/runtime'
import type { TrainingTrigger } from '@velocast/schemas'
import type { DatasetReport, DatasetRequest } from '../dataset/dataset-request.ts'
import type { TrainingTelemetry } from '../telemetry.ts'
import { DEPENDENCY_AWAY, TrainingFailure } from '../training-failure.ts'
import { SEED, SPLIT, type TrainingSettings } from '../training-settings.ts'
import { runJsonProcess } from './run-json-process.ts'

export interface MakeDatasetOptions {
  settings: TrainingSettings
  telemetry: TrainingTelemetry
  system: System
  trigger: TrainingTrigger
  /** Where the file is put. */
  folder: string
  signal: AbortSignal
}

/** What is read is garbage a moment later: collected in small pieces it takes 150 MB less, and no more time. */
const LITTLE_MEMORY = ['--max-semi-space-size=4']
const main = resolve(import.meta.dirname, '../build-dataset-main.ts')

/** Has the data set of a trigger built. Throws a TrainingFailure when the history is not enough. */
export const makeDataset = async (
  options: MakeDatasetOptions,
): Promise<{ file: string; report: DatasetReport }> => {
  const { settings, telemetry, system, trigger, folder, signal } = options
  const request: DatasetRequest = {
    systemId: system.systemId,
    timeZone: system.timeZone,
    country: system.country,
    region: system.region ?? null,
    weatherLocations: system.weatherLocations,
    until: trigger.triggeredAt,
    historyDays: settings.historyDays,
    maxRows: settings.maxRows,
    seed: SEED,
    trainShare: SPLIT.train,
    outFile: join(folder, 'dataset.arrow'),
  }
  const requestFile = join(folder, 'dataset.json')
  await writeFile(requestFile, JSON.stringify(request, null, 2))
  let report: DatasetReport | null = null
  const { exitCode, detail } = await runJsonProcess({
    command: process.execPath,
    args: [...LITTLE_MEMORY, main, requestFile],
    env: { DATABASE_URL: settings.databaseUrl },
    signal,
    timeoutMs: settings.timeoutMs,
    onStart: (pid) => telemetry.childStarted(system.systemId, 'dataset', pid),
    onEvent: (event) => {
      if (event.event === 'done') report = event.report as DatasetReport
      else telemetry.progress(system.systemId, event)
    },
    onLogLine: telemetry.childSaid,
  })
  if (exitCode === DEPENDENCY_AWAY) throw new UnavailableError('the database', new Error(detail))
  if (exitCode !== 0 || report === null)
    throw new TrainingFailure(`the data set could not be built: ${detail}`)
  return { file: request.outFile, report }
}
