import { connectFromConfig } from '@velocast/kafka'
import { loadSystems, type Service, UnavailableError } from '@velocast/runtime'
import { topics } from '@velocast/schemas'
import { qualityConfig } from './config.ts'
import { qualityChecks } from './quality-checks.ts'
import { createTelemetry } from './telemetry.ts'
import { watchSilence } from './watch-silence.ts'

export const qualityService: Service<typeof qualityConfig> = {
  name: 'quality',
  config: qualityConfig,
  async start({ config, log, clock, metrics, defer, addReadyCheck, addLiveCheck, fail, signal }) {
    const kafka = connectFromConfig(config, { clientId: 'quality', clock, log })
    defer('kafka', () => kafka.close())
    const producer = await kafka.openProducer()
    defer('producer', () => producer.close())
    const telemetry = createTelemetry({ log, metrics })
    const checks = qualityChecks({ systems: loadSystems(config.SYSTEMS_FILE), telemetry })
    const stage = await kafka.runPartitions(checks.stage)
    defer('quality stage', () => stage.stop())
    stage.stopped.catch(fail)
    addReadyCheck('quality', stage.problem)
    addLiveCheck('quality', stage.stalled)

    const watch = watchSilence({
      judges: () => checks.judgesIn(stage.assigned().get(kafka.topicName(topics.feedPolls.name)) ?? []),
      isUpToDate: async () =>
        stage.problem() === null && (await kafka.lagOf(checks.stage.group, [topics.feedPolls])) === 0,
      async publish(alerts) {
        await producer.send(
          alerts.map((value) => ({ topic: topics.alerts, value })),
          { signal },
        )
        telemetry.published([], alerts)
      },
      clock,
    })
    const timer = setInterval(() => {
      watch.runOnce().catch((error) => {
        if (signal.aborted) return
        if (error instanceof UnavailableError)
          log.warn({ detail: error.message }, 'silence cannot be checked')
        else fail(error)
      })
    }, config.SILENCE_CHECK_SECONDS * 1000)
    defer('watch', () => clearInterval(timer))
  },
}
