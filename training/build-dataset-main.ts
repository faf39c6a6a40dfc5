/**
 * Builds one data set, as a process of its own so that the service goes on beating and answering meanwhile. Its only
 * argument is the request, a JSON file. Standard output carries JSON lines. Exit codes are those of the trainer: 0 done,
 * 1 a bug, 2 the data cannot be used, 4 the database is away.
 */
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { openDatabase } from '@velocast/db'
import { configFragments, createLogger, loadConfig, UnavailableError } from '@velocast/runtime'
import { Type } from 'typebox'
import { buildDataset } from './dataset/build-dataset.ts'
import { parseDatasetRequest } from './dataset/dataset-request.ts'

const emit = (event: Record<string, unknown>): void => void process.stdout.write(`${JSON.stringify(event)}\n`)

const run = async (): Promise<number> => {
  const config = loadConfig(Type.Object(configFragments.database), process.env)
  const request = parseDatasetRequest(JSON.parse(readFileSync(process.argv[2]!, 'utf8')))
  const database = openDatabase({
    url: config.DATABASE_URL,
    log: createLogger('training-dataset', 'silent'),
    applicationName: 'velocast training data set',
    max: 1,
    // One statement may read a year.
    statementTimeoutMs: 600_000,
  })
  try {
    let told = 0
    const outcome = await buildDataset(database, request, (share) => {
      if (share < told + 0.1) return
      told = share
      emit({ event: 'progress', stage: 'dataset', done: Math.round(share * 1000) / 1000 })
    })
    if (outcome.ok) emit({ event: 'done', report: outcome.report })
    else emit({ event: 'error', code: outcome.code, detail: outcome.detail })
    return outcome.ok ? 0 : 2
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error
    emit({ event: 'error', code: 'database', detail: error.message })
    return 4
  } finally {
    await database.close()
  }
}

process.exitCode = await run()
