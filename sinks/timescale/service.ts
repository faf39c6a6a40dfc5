import { openDatabase } from '@velocast/db'
import { connectFromConfig } from '@velocast/kafka'
import type { Service } from '@velocast/runtime'
import { config } from './config.ts'
import { sinkLanes } from './sink-lanes.ts'
import { createTelemetry } from './telemetry.ts'
import { createBatchWriter } from './write-batch.ts'

const NAME = 'timescale-sink'

export const timescaleSink: Service<typeof config> = {
  name: NAME,
  config,
  async start(context) {
    const { log, clock, metrics, defer } = context
    const database = openDatabase({
      url: context.config.DATABASE_URL,
      log,
      applicationName: `velocast ${NAME}`,
      max: sinkLanes.length,
    })
    defer('database', database.close)
    const kafka = connectFromConfig(context.config, { clientId: NAME, clock, log })
    defer('kafka', kafka.close)
    const telemetry = createTelemetry(metrics, log, clock.now)
    for (const lane of sinkLanes) {
      const stage = await kafka.runBatches({
        group: `${NAME}.${lane.name}`,
        from: lane.tables.map((table) => table.topic),
        maxRecords: context.config.SINK_MAX_ROWS,
        handle: createBatchWriter({ database, tables: lane.tables, telemetry, clock }),
      })
      defer(`lane ${lane.name}`, stage.stop)
      stage.stopped.catch(context.fail)
      context.addReadyCheck(lane.name, stage.problem)
      context.addLiveCheck(lane.name, stage.stalled)
    }
  },
}
