import { connectFromConfig } from '@velocast/kafka'
import { loadSystems, type Service } from '@velocast/runtime'
import { schedule } from 'node-cron'
import { producersConfig } from './config.ts'
import { followSystem } from './follow-system.ts'
import { keyOfSystem } from './http/key-of-system.ts'
import { openHttpClient } from './http/open-http-client.ts'
import { publishThrough } from './log/publish-through.ts'
import { readCursors } from './log/read-cursors.ts'
import { intervalSchedule } from './schedule/schedule.ts'
import { schedulesOfSystem } from './schedule/schedules-of-system.ts'
import { createTelemetry } from './telemetry.ts'
import { providerOfSystem } from './weather/provider-of-system.ts'

const EVERY_SECOND = '* * * * * *'
/** A clock that is set, or a machine that slept, may cost some wake-ups; more than that is a dead timer. */
const WAKES_WITHIN_MS = 5 * 60_000
/** Feeds are given up sooner: a job that runs for so long waits for the broker. */
const PATIENCE_MS = 3 * 60_000

/** Polls every system of the systems file; `env` holds the keys whose variables the systems name. */
export const producersService = (
  env: Record<string, string | undefined>,
): Service<typeof producersConfig> => ({
  name: 'producers',
  config: producersConfig,
  start: async ({
    config,
    log,
    clock,
    metrics,
    tracer,
    defer,
    addReadyCheck,
    addLiveCheck,
    signal,
    fail,
  }) => {
    const everyMs = config.POLL_EVERY_SECONDS ? config.POLL_EVERY_SECONDS * 1000 : null
    const systems = loadSystems(config.SYSTEMS_FILE).map((system) => {
      const schedules = schedulesOfSystem(system)
      return {
        system,
        schedules: everyMs === null ? schedules : { ...schedules, status: intervalSchedule(everyMs) },
        provider: providerOfSystem(system, env),
        key: keyOfSystem(system, env),
        // A pace that is set by hand is that of somebody who knows the feed.
        respectsTtl: everyMs === null,
      }
    })
    const kafka = connectFromConfig(config, { clientId: 'velocast-producers', clock, log })
    defer('Kafka', () => kafka.close())
    const producer = await kafka.openProducer()
    defer('producer', () => producer.close())
    const budgetMs = config.POLL_BUDGET_SECONDS * 1000
    const http = openHttpClient({
      clock,
      signal,
      contact: config.FEED_CONTACT,
      budgetMs,
      // Polls ask about the moment at which they began: their requests share the budget.
      deadlineOf: (at) => at + budgetMs,
    })
    defer('HTTP', () => http.close())
    const telemetry = createTelemetry(log, metrics)
    const cursorsOf = await readCursors(kafka, systems, clock.now(), signal)
    const runners = systems.flatMap(({ system, ...rest }) =>
      followSystem({
        system,
        ...rest,
        cursors: cursorsOf(system.systemId),
        request: http.request,
        publish: publishThrough(producer, signal),
        tracer,
        clock,
        onResult: (job, result) => telemetry.jobEnded(system.systemId, job, result),
        onFailure: (error) => {
          // A run that is cut short by the end of the process has failed at nothing.
          if (!signal.aborted) fail(error)
        },
      }).map((runner) => ({ ...runner, systemId: system.systemId })),
    )
    defer('jobs', async () => {
      await Promise.all(runners.map((runner) => runner.idle()))
    })

    let wokenAt = clock.now()
    const wake = (): void => {
      wokenAt = clock.now()
      for (const runner of runners) runner.wake()
    }
    // What is due at a minute may have to wait for the seconds at which a ttl is over.
    const cron = schedule(EVERY_SECOND, wake, { suppressMissedWarning: true })
    defer('cron', () => cron.destroy())
    addLiveCheck('cron', () =>
      clock.now() - wokenAt > WAKES_WITHIN_MS
        ? `has not woken since ${new Date(wokenAt).toISOString()}`
        : null,
    )
    addReadyCheck('jobs', () => {
      const waiting = runners.filter(
        (runner) => clock.now() - (runner.runningSince() ?? clock.now()) > PATIENCE_MS,
      )
      return waiting.length === 0
        ? null
        : `${waiting.length} wait for the broker, first of ${waiting[0]?.systemId}`
    })
    wake()
  },
})
