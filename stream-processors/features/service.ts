import { connectFromConfig } from '@velocast/kafka'
import { loadSystems, type Service } from '@velocast/runtime'
import { featuresConfig } from './config.ts'
import { stationFeatures } from './station-features.ts'
import { createTelemetry } from './telemetry.ts'

export const featuresService: Service<typeof featuresConfig> = {
  name: 'features',
  config: featuresConfig,
  async start({ config, log, clock, metrics, defer, addReadyCheck, addLiveCheck, fail }) {
    const kafka = connectFromConfig(config, { clientId: 'features', clock, log })
    defer('kafka', () => kafka.close())
    const stage = await kafka.runPartitions(
      stationFeatures({
        systems: loadSystems(config.SYSTEMS_FILE),
        clock,
        telemetry: createTelemetry({ log, metrics, clock }),
        maxRecords: config.BATCH_RECORDS,
        snapshotEveryMs: config.SNAPSHOT_EVERY_SECONDS * 1000,
      }),
    )
    defer('features stage', () => stage.stop())
    stage.stopped.catch(fail)
    addReadyCheck('features', stage.problem)
    addLiveCheck('features', stage.stalled)
  },
}
