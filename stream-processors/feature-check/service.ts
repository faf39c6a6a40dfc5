import { constants, setPriority } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { openDatabase, requireMigrated } from '@velocast/db'
import { connectFromConfig } from '@velocast/kafka'
import { loadSystems, type Service, UnavailableError } from '@velocast/runtime'
import { topics } from '@velocast/schemas'
import { checkInTurns } from './check-in-turns.ts'
import { featureCheckConfig } from './config.ts'
import { parityResult } from './parity-result.ts'
import { createTelemetry } from './telemetry.ts'

const MINUTE_MS = 60_000
/** After a start there is a first check before long, so that one who looks finds a result. */
const FIRST_AFTER_MS = 2 * MINUTE_MS

export const featureCheckService: Service<typeof featureCheckConfig> = {
  name: 'feature-check',
  config: featureCheckConfig,
  async start({ config, log, clock, metrics, defer, fail, signal }) {
    // Nobody waits for a check, and everybody for what shares the machine with it.
    setPriority(constants.priority.PRIORITY_LOW)
    const database = openDatabase({
      url: config.DATABASE_URL,
      log,
      applicationName: 'velocast feature-check',
      max: 2,
    })
    defer('database', database.close)
    const kafka = connectFromConfig(config, { clientId: 'feature-check', clock, log })
    defer('kafka', () => kafka.close())
    const producer = await kafka.openProducer()
    defer('producer', () => producer.close())
    const telemetry = createTelemetry({ log, metrics })
    const checks = checkInTurns({
      kafka,
      database,
      systems: loadSystems(config.SYSTEMS_FILE),
      windowMs: config.CHECK_WINDOW_MINUTES * MINUTE_MS,
      delayMs: config.CHECK_DELAY_MINUTES * MINUTE_MS,
      observationsPerSecond: config.CHECK_OBSERVATIONS_PER_SECOND,
      wait: (ms) => wait(ms, undefined, { signal }),
      signal,
    })

    const check = async (): Promise<void> => {
      try {
        await requireMigrated(database)
        const { systemId, checkedAt, comparison } = await checks.runOnce(clock.now())
        const result = parityResult(systemId, checkedAt, comparison)
        await producer.send([{ topic: topics.dataQuality, value: result }], { signal })
        telemetry.checked(result, comparison.equal + comparison.different)
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof UnavailableError)) throw error
        telemetry.unavailable(error)
      }
    }
    const everyMs = config.CHECK_EVERY_SECONDS * 1000
    const checkForEver = async (): Promise<void> => {
      for (let waitMs = Math.min(FIRST_AFTER_MS, everyMs); !signal.aborted; waitMs = everyMs) {
        await wait(waitMs, undefined, { signal }).catch(() => {})
        if (!signal.aborted) await check()
      }
    }
    const checking = checkForEver().catch(fail)
    defer('checks', () => checking.then(() => {}))
  },
}
