/** The HTTP server over a small city in memory, with a model, for tests. */
import { openBundle } from '@velocast/inference'
import type { MakeBundleOptions } from '@velocast/inference/testing'
import { buildServer } from '../build-server.ts'
import { createKnowledge } from '../knowledge.ts'
import type { ServingModel } from '../load-model.ts'
import { createModelHolder } from '../model-holder.ts'
import { createPredictor } from '../predictor.ts'
import type { ServerOptions } from '../server-options.ts'
import { createSystemRecords } from '../system-records.ts'
import {
  fillKnowledge,
  hourMs,
  promotionOf,
  silentLog,
  testNow,
  testSystem,
  testTelemetry,
  versionedBundle,
} from './test-city.ts'

export const openTestServer = async (options: Partial<ServerOptions> = {}) => {
  let now = testNow
  const clock = { now: () => now }
  const knowledge = createKnowledge(testSystem)
  const holder = createModelHolder<ServingModel>((model) => model.bundle.release())
  const system = { knowledge, holder }
  const predictor = createPredictor(new Map([[testSystem.systemId, system]]), clock, hourMs)
  let runs = 0
  const counting = {
    ...predictor,
    forecast: (...asked: Parameters<typeof predictor.forecast>) => {
      runs++
      return predictor.forecast(...asked)
    },
  }
  const records = createSystemRecords()
  const app = await buildServer({
    predictor: counting,
    ...testTelemetry(),
    log: silentLog,
    version: '0.0.1',
    records: new Map([[testSystem.systemId, records]]),
    ...options,
  })
  return {
    app,
    system,
    knowledge,
    records,
    /** Forecasts of single stations that were worked out, not kept. */
    runs: () => runs,
    setNow: (epochMs: number): void => {
      now = epochMs
    },
    fill: (...stationIds: string[]): void => fillKnowledge(knowledge, stationIds),
    serve: async (version: number, made: MakeBundleOptions = {}): Promise<void> => {
      const bundle = versionedBundle(version, made)
      const opened = await openBundle({ read: bundle.read, manifestSha256: bundle.manifestSha256 })
      if (!opened.ok) throw new Error(`${opened.reason}: ${opened.detail}`)
      await holder.swap({ bundle: opened.bundle, promotion: promotionOf(bundle, version), loadedAt: now })
    },
    close: async (): Promise<void> => {
      await app.close()
      await holder.close()
    },
  }
}

export type TestServer = Awaited<ReturnType<typeof openTestServer>>
